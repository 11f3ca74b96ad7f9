import pytest
import torch
from test_scene_encoder import batch, build

from mmfourdpsg.models.scene_encoders.frame_fitting import (
    fitted_size,
    pad_evenly,
    patches_of_frame,
)


@pytest.mark.parametrize(
    ('size', 'expected'),
    [
        ((1080, 1920), (126, 224)),
        ((1920, 1080), (224, 126)),
        ((800, 1280), (140, 224)),
        ((480, 640), (168, 224)),
        ((50, 50), (224, 224)),
        ((1, 4000), (1, 224)),
    ],
)
def test_a_frame_fits_at_its_own_aspect_ratio(size, expected):
    assert fitted_size(size, (224, 224)) == expected
    # Depth is fitted before it goes into the encoder, which fits again.
    assert fitted_size(expected, (224, 224)) == expected


def test_padding_is_around_the_frame():
    padded = pad_evenly(torch.ones(2, 3, 5, 8), (8, 8))
    assert padded.shape == (2, 3, 8, 8)
    assert padded[:, :, 1:6].eq(1).all()
    assert padded[:, :, :1].eq(0).all() and padded[:, :, 6:].eq(0).all()


@pytest.mark.parametrize('patch', [14, 16])
@pytest.mark.parametrize('fitted', [(126, 224), (224, 101), (224, 224)])
def test_the_grid_covers_the_frame_alone(patch, fitted):
    """Features that are the places of their own patches become those of the frame."""
    size, grid = (224, 224), (16, 16)
    centers = torch.arange(patch / 2, 224, patch)
    rows, columns = torch.meshgrid(centers, centers, indexing='ij')
    features = torch.stack([rows, columns], dim=-1)[None]
    found = patches_of_frame(features, fitted, size, grid)
    assert found.shape == (1, 16, 16, 2)
    for axis in (0, 1):
        begin = (224 - fitted[axis]) // 2
        wanted = begin + (torch.arange(16) + 0.5) / 16 * fitted[axis]
        # Nothing is known beyond the centres of the outermost patches.
        wanted = wanted.clamp(patch / 2, 224 - patch / 2)
        row = found[0, :, 3, 0] if axis == 0 else found[0, 3, :, 1]
        torch.testing.assert_close(row, wanted, atol=1e-3, rtol=0)


@torch.no_grad()
def test_rgb_and_depth_go_through_the_same_geometry_and_nothing_is_cut_off():
    encoder = build(keep_ratio=True)
    seen = {}
    for name, modality in (('rgb', 'vision'), ('depth', 'depth')):
        part = getattr(encoder, f'{name}_encoder').modality_preprocessors[modality]
        part.register_forward_pre_hook(
            lambda _, args, name=name: seen.update({name: args[0]})
        )
    rgb = torch.full((1, 1, 3, 60, 120), 255, dtype=torch.uint8)
    depth = torch.full((1, 1, 60, 120), 0.5)
    frames = encoder.encode_frames(rgb, depth, torch.ones(1, 1, dtype=torch.bool))
    # 60 x 120 in 96 x 96 are the 48 rows in the middle, of both.
    for images in seen.values():
        assert images.shape[-2:] == (96, 96)
        inside = images[..., 24:72, :]
        assert inside.ne(0).all()
        assert torch.allclose(inside, inside[:, :, :1, :1], atol=1e-5)
        assert images[..., :24, :].eq(0).all() and images[..., 72:, :].eq(0).all()
    for features in (frames.rgb, frames.depth):
        assert features.shape[:4] == (1, 1, 12, 12)
        assert features.isfinite().all()


@torch.no_grad()
def test_a_square_frame_is_encoded_as_if_it_were_stretched():
    rgb, depth, frame_mask, _ = batch()
    rgb, depth = rgb[..., :72], depth[..., :72]
    found, expected = (
        build(keep_ratio=keep).encode_frames(rgb, depth, frame_mask)
        for keep in (True, False)
    )
    for name in ('rgb', 'depth'):
        torch.testing.assert_close(
            getattr(found, name), getattr(expected, name), atol=1e-4, rtol=1e-4
        )


@torch.no_grad()
def test_samples_of_several_shapes_are_fitted_each_on_its_own():
    encoder = build(keep_ratio=True)
    rgb, depth, frame_mask, times = batch()
    rgb[1, :, :, 48:], depth[1, :, 48:] = 0, 0
    beside = encoder.encode_frames(rgb, depth, frame_mask, [(72, 96), (48, 96)])
    alone = encoder.encode_frames(rgb[1:, :, :, :48], depth[1:, :, :48], frame_mask[1:])
    for name in ('rgb', 'depth'):
        torch.testing.assert_close(getattr(beside, name)[1:], getattr(alone, name))
    with torch.autocast('cpu', torch.bfloat16):
        tokens, _ = encoder(rgb, depth, frame_mask, times)
    assert torch.isfinite(tokens.float()).all()
