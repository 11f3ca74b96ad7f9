"""What objects have in common is computed once, and a look is a first frame."""

import copy

import numpy as np
import pytest
import torch
from sam2.modeling.memory_attention import MemoryAttention

from mmfourdpsg.models.tube_decoders.memory_attention import SharedMemoryAttention


def always_visible(decoder):
    head = decoder.sam2.sam_mask_decoder.pred_obj_score_head
    with torch.no_grad():
        head.layers[-1].bias.fill_(50)
    return decoder


@torch.no_grad()
def test_one_row_of_features_equals_a_row_for_each_object(build):
    sam2 = build().sam2
    size = sam2.image_size
    features = sam2.encode_frames(torch.randn(4, 3, size, size))
    tokens, banks = torch.randn(3, 256), [sam2.new_memory_bank() for _ in range(2)]
    for index in range(4):
        once = features.select(torch.tensor([index]))
        each = features.select(torch.full((3,), index))
        for one, other in zip(
            sam2.track(once, tokens, banks[0]),
            sam2.track(each, tokens, banks[1]),
            strict=True,
        ):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@torch.no_grad()
@pytest.mark.parametrize('expanded', [True, False])
def test_shared_attention_is_that_of_the_package(build, expanded):
    ours = build().sam2.memory_attention
    assert isinstance(ours, SharedMemoryAttention)
    ours.layers.append(copy.deepcopy(ours.layers[0]))
    theirs = copy.deepcopy(ours)
    theirs.__class__ = MemoryAttention
    frame, position = torch.randn(256, 1, 256), torch.randn(256, 1, 256)
    rows = frame.expand(-1, 3, -1) if expanded else torch.randn(256, 3, 256)
    inputs = dict(
        curr=[rows],
        curr_pos=[position.expand(-1, 3, -1)],
        memory=torch.randn(256 + 4, 3, 64),
        memory_pos=torch.randn(256 + 4, 3, 64),
        num_obj_ptr_tokens=4,
    )
    torch.testing.assert_close(ours(**inputs), theirs(**inputs), rtol=1e-4, atol=1e-4)


def test_a_look_sees_each_frame_as_if_it_were_the_first(build, moving_shapes):
    decoder = always_visible(build(objects_per_pass=2))
    frames, _ = moving_shapes(2, 6, 64, 80)
    prompts = torch.randn(3, 16)
    look = decoder.look(frames, prompts, num_frames=2)
    assert list(look.features) == [0, 3]
    inside, ious = [], []
    for index in (0, 3):
        image = torch.from_numpy(frames[index]).permute(2, 0, 1)[None]
        with torch.no_grad():
            found = decoder.sam2.track(
                decoder.encode(decoder.images(image)),
                decoder.prompt_projector(prompts),
                decoder.sam2.new_memory_bank(),
            )
        inside.append((found.logits > 0).flatten(1))
        ious.append(found.iou)
    dense = torch.cat(inside, 1)
    for i in range(3):
        for j in range(3):
            union = (dense[i] | dense[j]).sum().clamp(min=1)
            expected = (dense[i] & dense[j]).sum() / union
            assert look.overlaps[i, j].item() == pytest.approx(
                expected.item(), abs=1e-3
            )
    torch.testing.assert_close(
        look.ious, torch.stack(ious).mean(0), rtol=1e-3, atol=1e-3
    )


def test_what_was_looked_at_is_not_encoded_again(build, moving_shapes):
    decoder = always_visible(build())
    frames, _ = moving_shapes(2, 4, 64, 80)
    prompts = torch.randn(2, 16)
    expected = decoder.predict(frames, prompts)
    look = decoder.look(frames, prompts, num_frames=3)
    calls, encode = [], decoder.encode
    decoder.encode = lambda images: calls.append(len(images)) or encode(images)
    found = decoder.predict(frames, prompts, features=look.features)
    assert calls == [1]
    assert [tube.rles for tube in found.tubes] == [t.rles for t in expected.tubes]


def test_a_look_at_nothing_tells_nothing(build):
    look = build().look(np.zeros((2, 48, 64, 3), np.uint8), torch.zeros(0, 16))
    assert look.overlaps.shape == (0, 0) and look.ious.shape == (0,)
    assert not look.features


def test_inference_in_bfloat16_finds_about_the_same_masks(build, moving_shapes):
    frames, _ = moving_shapes(2, 4, 64, 80)
    prompts = torch.randn(2, 16)
    expected = always_visible(build()).predict(frames, prompts)
    decoder = always_visible(build(inference_dtype='bfloat16'))
    dtypes = []
    fuser = decoder.sam2.memory_encoder.fuser.layers[0]
    fuser.dwconv.register_forward_hook(lambda _m, _i, x: dtypes.append(x.dtype))
    fuser.pwconv1.register_forward_hook(lambda _m, _i, x: dtypes.append(x.dtype))
    found = decoder.predict(frames, prompts)
    # Depthwise convolutions are slower in half precision.
    assert set(dtypes[::2]) == {torch.float32} and set(dtypes[1::2]) == {torch.bfloat16}
    assert found.ious.tolist() != expected.ious.tolist()
    for tube, other in zip(found.tubes, expected.tubes, strict=True):
        differing = [(tube.decode(t) != other.decode(t)).mean() for t in range(4)]
        assert max(differing) < 0.1
