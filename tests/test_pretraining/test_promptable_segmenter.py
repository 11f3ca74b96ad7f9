import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmfourdpsg.pretraining.sam2.simulated_prompts import KINDS
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample


@pytest.fixture
def build(repository):
    path = repository / 'configs/foundation/tabletop/sam2_mini.py'
    config = Config.fromfile(path).model
    # That of the stage before, which is not kept.
    config.tube_decoder.checkpoint = None

    def build(**changes):
        torch.manual_seed(0)
        model = MODELS.build({**config, **changes})
        model.decoder.init_weights()
        return model

    return build


def a_batch(frames=3, height=72, width=96):
    """Return two videos: a square that moves right, and nothing but background."""
    rgb = np.full((2, frames, height, width, 3), 60, np.uint8)
    masks = torch.zeros(1, frames, height, width, dtype=torch.bool)
    for t in range(frames):
        masks[0, t, 20:50, 10 + 12 * t : 40 + 12 * t] = True
        rgb[0, t][masks[0, t].numpy()] = (220, 40, 30)
    samples = []
    for index in range(2):
        sample = SceneGraphDataSample(metainfo=dict(img_shape=(height, width)))
        sample.gt_masks = masks if index == 0 else masks[:0]
        samples.append(sample)
    return dict(
        inputs=dict(
            rgb=torch.from_numpy(rgb).permute(0, 1, 4, 2, 3),
            frame_mask=torch.ones(2, frames, dtype=torch.bool),
        ),
        data_samples=samples,
    )


def test_every_weight_of_a_clip_trains(build):
    model = build(kinds=dict.fromkeys(KINDS, 1.0)).train()
    total = 0
    torch.manual_seed(0)
    for _ in range(20):
        total = total + sum(model(**a_batch(), mode='loss').values())
    total.backward()
    without = {
        name.removeprefix('decoder.sam2.')
        for name, weight in model.named_parameters()
        if weight.requires_grad and weight.grad is None
    }
    # Background clicks are not used, and the square is always there.
    assert without <= {
        'no_obj_ptr',
        'no_obj_embed_spatial',
        'sam_prompt_encoder.point_embeddings.0.weight',
    }
    assert model.sam2.sam_prompt_encoder.mask_downscaling[0].weight.grad.any()
    assert model.object_embedding.mlp[0].weight.grad.any()


def test_an_embedding_prompts_later_frames_and_a_click_does_not(build):
    model = build().eval()
    clip = model._clip(**{**a_batch()}, max_objects=None)
    features = model.decoder.encode(
        torch.cat([model.decoder.images(frames) for frames in clip.frames])
    )
    later = {}
    for kind in ('point', 'embedding'):
        kinds = torch.tensor([KINDS.index(kind)])
        first = model._first_prompts(clip, features, kinds, 0.0)
        later[kind] = model._later_prompts(first)
        assert (later[kind].labels == -1).all()
        assert later[kind].masks is None
        same = torch.equal(first.tokens, later[kind].tokens)
        assert same
    nothing = model.sam2.sam_prompt_encoder.not_a_point_embed.weight[None]
    assert torch.equal(later['point'].tokens, nothing)
    assert not torch.allclose(later['embedding'].tokens, nothing)


def test_videos_without_objects_have_zero_loss(build):
    batch = a_batch()
    batch['data_samples'][0].gt_masks = batch['data_samples'][0].gt_masks[:0]
    losses = build().train()(**batch, mode='loss')
    assert all(value == 0 for value in losses.values())
    sum(losses.values()).backward()


def test_what_the_first_frame_does_not_show_is_left_out(build):
    batch = a_batch()
    batch['data_samples'][0].gt_masks[:, 0] = False
    model = build().eval()
    model(**batch, mode='predict')
    assert [sample.prompted_ious for sample in batch['data_samples']] == [[], []]


def test_prediction_counts_each_kind_in_each_frame(build):
    batch = a_batch()
    build().eval()(**batch, mode='predict')
    rows = batch['data_samples'][0].prompted_ious
    assert [(kind, k) for kind, k, _ in rows] == [
        (kind, k) for kind in KINDS for k in range(3)
    ]
    assert all(0 <= iou <= 1 for *_, iou in rows)
    assert batch['data_samples'][1].prompted_ious == []


def test_an_unknown_kind_is_refused(build):
    with pytest.raises(ValueError, match='scribble'):
        build(kinds=dict(scribble=1.0))


@pytest.mark.slow
def test_the_segmenter_overfits_a_clip_with_every_kind_of_prompt(build):
    model = build(kinds=dict.fromkeys(KINDS, 1.0), noise=0.05).train()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=1e-3)
    for _ in range(150):
        optimiser.zero_grad()
        sum(model(**a_batch(), mode='loss').values()).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
    batch = a_batch()
    model.eval()(**batch, mode='predict')
    ious = {(kind, k): iou for kind, k, iou in batch['data_samples'][0].prompted_ious}
    assert min(ious.values()) > 0.8, ious
