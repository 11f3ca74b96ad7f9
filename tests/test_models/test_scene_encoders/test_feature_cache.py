"""Features come from disk exactly where nothing that they depend on has changed."""

import pytest
import torch

from mmfourdpsg.models.scene_encoders import FrameEncoder, feature_cache
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError


def build(folder, fx=500.0, size=48, seed=0, cache=None, **kwargs) -> FrameEncoder:
    torch.manual_seed(seed)
    sizes = dict(embed_dims=32, num_blocks=1, num_heads=2, image_size=48)
    return MODELS.build(
        dict(
            type='FrameEncoder',
            rgb_encoder=dict(
                type='ImageBindVisionEncoder', patch_size=12, input_size=size, **sizes
            ),
            depth_encoder=dict(type='ImageBindDepthEncoder', patch_size=16, **sizes),
            depth_to_disparity=dict(type='DepthToDisparity', fx=fx),
            feature_cache=folder
            and dict(type='FeatureCache', folder=str(folder), **(cache or {})),
            **kwargs,
        )
    )


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(3)
    rgb = torch.randint(256, (2, 3, 3, 48, 60), dtype=torch.uint8, generator=generator)
    depth = 0.5 + torch.rand(2, 3, 48, 60, generator=generator)
    frame_mask = torch.tensor([[True, True, True], [True, True, False]])
    depth[0, 1] = 0  # RGB alone
    return rgb, depth, frame_mask


def counted(encoder):
    """Count the frames that each network computes."""
    count = dict(rgb=0, depth=0)
    for name in count:

        def hook(_module, inputs, name=name):
            count[name] += len(inputs[0])

        getattr(encoder, f'{name}_encoder').register_forward_pre_hook(hook)
    return count


def test_what_was_encoded_once_is_read_bit_by_bit(tmp_path, batch):
    plain = build(None).encode_frames(*batch)
    first = build(tmp_path)
    new = first.encode_frames(*batch)
    assert (first.feature_cache.hits, first.feature_cache.misses) == (0, 5 + 4)
    second = build(tmp_path)
    count = counted(second)
    read = second.encode_frames(*batch)
    assert count == dict(rgb=0, depth=0)
    assert (second.feature_cache.hits, second.feature_cache.misses) == (9, 0)
    for one, other, third in zip(plain, new, read, strict=True):
        assert torch.equal(one, other) and torch.equal(one, third)


def test_half_precision_rounds_what_is_found_and_what_is_not_alike(tmp_path, batch):
    plain = build(None).encode_frames(*batch)
    half = dict(cache=dict(dtype='float16'))
    new = build(tmp_path, **half).encode_frames(*batch)
    second = build(tmp_path, **half)
    read = second.encode_frames(*batch)
    assert (second.feature_cache.hits, second.feature_cache.misses) == (9, 0)
    for one, other, third in zip(plain, new, read, strict=True):
        assert torch.equal(other, third) and other.dtype == one.dtype
        # Eleven bits of a number.
        torch.testing.assert_close(other, one, rtol=2**-11, atol=1e-6)
    assert not torch.equal(plain.rgb, new.rgb)
    # They are kept beside those of full precision, not in place of them.
    exact = build(tmp_path).encode_frames(*batch)
    assert torch.equal(exact.rgb, plain.rgb)


def test_mirrored_frames_are_kept_beside_the_others(tmp_path, batch):
    rgb, depth, frame_mask = batch
    mirrored = rgb.flip(-1), depth.flip(-1), frame_mask
    encoder = build(tmp_path)
    for _ in range(2):
        for frames in (batch, mirrored):
            found = encoder.encode_frames(*frames)
            expected = build(None).encode_frames(*frames)
            torch.testing.assert_close(found.rgb, expected.rgb)
            torch.testing.assert_close(found.depth, expected.depth)
    assert (encoder.feature_cache.hits, encoder.feature_cache.misses) == (18, 18)


def test_filling_is_told(tmp_path, batch, monkeypatch):
    told = []
    monkeypatch.setattr(feature_cache, 'print_log', lambda text, **_: told.append(text))
    encoder = build(tmp_path, cache=dict(told_every=4))
    for _ in range(2):
        encoder.encode_frames(*batch)
    assert [row.rpartition(': ')[2] for row in told] == [
        '5 frames encoded so far, 0 found',
        '9 frames encoded so far, 0 found',
    ]


def test_a_changed_frame_alone_is_encoded_again(tmp_path, batch):
    build(tmp_path).encode_frames(*batch)
    rgb, depth, frame_mask = batch
    rgb[1, 1, 2, 47, 59] ^= 1
    encoder = build(tmp_path)
    count = counted(encoder)
    features = encoder.encode_frames(rgb, depth, frame_mask)
    assert count == dict(rgb=1, depth=0)
    expected = build(None).encode_frames(rgb, depth, frame_mask)
    torch.testing.assert_close(features.rgb, expected.rgb)


@pytest.mark.parametrize(
    ('change', 'computed'),
    [
        (dict(fx=501.0), dict(rgb=0, depth=4)),
        (dict(size=60), dict(rgb=5, depth=4)),  # the depth's grid is RGB's
        (dict(seed=1), dict(rgb=5, depth=4)),
        (dict(keep_ratio=True), dict(rgb=5, depth=4)),
    ],
)
def test_another_encoder_has_features_of_its_own(tmp_path, batch, change, computed):
    build(tmp_path).encode_frames(*batch)
    encoder = build(tmp_path, **change)
    count = counted(encoder)
    features = encoder.encode_frames(*batch)
    assert count == computed
    expected = build(None, **change).encode_frames(*batch)
    assert torch.equal(features.rgb, expected.rgb)
    assert torch.equal(features.depth, expected.depth)


def test_weights_that_are_loaded_later_count(tmp_path, batch):
    encoder = build(tmp_path)
    encoder.encode_frames(*batch)
    count = counted(encoder)
    state = encoder.rgb_encoder.state_dict()
    other = {key: value + 0.1 for key, value in state.items()}
    encoder.rgb_encoder.load_state_dict(other)
    encoder.encode_frames(*batch)
    assert count == dict(rgb=5, depth=0)


def test_each_precision_has_features_of_its_own(tmp_path, batch):
    build(tmp_path).encode_frames(*batch)
    encoder = build(tmp_path)
    count = counted(encoder)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        half = encoder.encode_frames(*batch)
        again = encoder.encode_frames(*batch)
        expected = build(None).encode_frames(*batch)
    assert count == dict(rgb=5, depth=4)
    assert again.rgb.dtype == expected.rgb.dtype
    assert torch.equal(half.rgb, expected.rgb) and torch.equal(again.rgb, expected.rgb)


def test_nothing_half_written_stays(tmp_path, batch):
    encoder = build(tmp_path)

    def stop(_module, _inputs):
        raise KeyboardInterrupt

    handle = encoder.depth_encoder.register_forward_pre_hook(stop)
    with pytest.raises(KeyboardInterrupt):
        encoder.encode_frames(*batch)
    handle.remove()
    files = [path for path in tmp_path.rglob('*') if path.is_file()]
    assert sum(path.suffix == '.safetensors' for path in files) == 5
    assert not [path for path in files if path.name.startswith('.')]
    encoder.encode_frames(*batch)
    assert (encoder.feature_cache.hits, encoder.feature_cache.misses) == (5, 5 + 4)


def test_a_damaged_file_is_named(tmp_path, batch):
    build(tmp_path).encode_frames(*batch)
    path = sorted(tmp_path.rglob('*.safetensors'))[0]
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match=path.name):
        build(tmp_path).encode_frames(*batch)


def test_encoders_that_train_cannot_be_cached(tmp_path):
    with pytest.raises(ValueError, match='feature_cache is set'):
        build(tmp_path, frozen_encoders=False)
