import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.datasets.depth_decoders import (
    MetricDepthDecoder,
    SAILVOS3DDepthDecoder,
)
from mmfourdpsg.datasets.frame_readers import MissingFileError
from mmfourdpsg.utils import InputError


def test_sailvos3d_depth_of_a_pixel_is_that_worked_out_by_hand():
    # z = 0.6 / 6 - 4e-5; with this matrix the last entry is z / 0.15, Z is -1.
    p_inv = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1 / 0.15], [0, 0, -1, 0]])
    decoder = SAILVOS3DDepthDecoder()
    depth = decoder.to_metres(np.full((2, 3), 0.6), p_inv)
    assert depth.dtype == np.float32
    np.testing.assert_allclose(depth, 0.15 / (0.1 - 4e-5), rtol=1e-6)


def test_sailvos3d_inverts_the_projection(gta):
    metres = np.random.default_rng(0).uniform(0.5, 300, (20, 32))
    depth = SAILVOS3DDepthDecoder().to_metres(
        gta.encode_depth(metres), np.linalg.inv(gta.projection)
    )
    np.testing.assert_allclose(depth, metres, rtol=1e-4)


def test_sailvos3d_depth_equals_the_rule_applied_pixel_by_pixel():
    rng = np.random.default_rng(1)
    p_inv = rng.uniform(0.2, 1, (4, 4)) + np.diag([0, 0, 0, 5])
    p_inv[:, 2] *= -1
    p_inv[3, 2] -= 5
    buffer = rng.uniform(0, 1, (3, 5))
    expected = np.zeros((3, 5))
    for py in range(3):
        for px in range(5):
            x, y = 2 * px / (5 - 1) - 1, -2 * py / (3 - 1) + 1
            point = np.array([x, y, buffer[py, px] / 6 - 4e-5, 1]) @ p_inv
            expected[py, px] = -point[2] / point[3]
    assert (expected > 0).all()
    assert len(np.unique(expected.round(3))) > 10
    depth = SAILVOS3DDepthDecoder().to_metres(buffer, p_inv)
    np.testing.assert_allclose(depth, expected, rtol=1e-6)


@pytest.mark.parametrize('sky', [24e-5, np.float32(24e-5), 24e-5 + 2e-11])
def test_sailvos3d_sky_is_not_merely_far(gta, sky):
    buffer = np.full((1, 2), sky)
    buffer[0, 1] += 1e-8
    depth = SAILVOS3DDepthDecoder().to_metres(buffer, np.linalg.inv(gta.projection))
    assert depth[0, 0] == 0
    assert depth[0, 1] > 1e6


def test_sailvos3d_sky_and_nonsense_are_unknown(gta):
    buffer = gta.encode_depth(np.full((2, 3), 10.0))
    buffer[0, 0] = 24e-5
    buffer[0, 1] = np.nan
    buffer[0, 2] = 0
    depth = SAILVOS3DDepthDecoder().to_metres(buffer, np.linalg.inv(gta.projection))
    np.testing.assert_array_equal(depth[0], 0)
    np.testing.assert_allclose(depth[1], 10, rtol=1e-4)


def test_sailvos3d_inverse_is_found_in_any_matrices_that_give_it(gta):
    results = dict(
        depth_path=gta.root / 'depth/alley_1',
        camera_path=gta.root / 'rage_matrices/alley_1',
    )
    path = gta.root / 'rage_matrices/alley_1/000000.npz'
    decoder = SAILVOS3DDepthDecoder()
    metres = gta.videos['alley_1'].metres[0]
    view = np.eye(4)
    view[3, :3] = [4, 5, 6]
    for matrices in (
        dict(P_inv=np.linalg.inv(gta.projection), P=np.eye(4)),
        dict(P=gta.projection),
        dict(V=view, VP=view @ gta.projection),
    ):
        np.savez(path, **matrices)
        np.testing.assert_allclose(decoder(results, 0), metres, rtol=1e-4)
    for matrices in (
        dict(VP=gta.projection),
        dict(P=np.zeros((4, 4))),
        dict(P_inv=np.eye(3)),
        dict(P_inv=np.full((4, 4), np.nan)),
    ):
        np.savez(path, **matrices)
        with pytest.raises(InputError, match=r'000000\.npz: .*expected P_inv'):
            decoder(results, 0)
    path.unlink()
    with pytest.raises(MissingFileError):
        decoder(results, 0)


def test_metric_depth_of_images_is_metres_and_zero_where_unknown(tmp_path):
    stored = np.array([[0, 300, 2702], [1, 1500, 65535]], np.uint16)
    Image.fromarray(stored).save(tmp_path / '00000.png')
    results = dict(depth_path=tmp_path)
    decoder = MetricDepthDecoder('{:05d}.png')
    depth = decoder(results, 0)
    assert depth.dtype == np.float32
    expected = np.float32([[0, 0.3, 2.702], [0.001, 1.5, 65.535]])
    np.testing.assert_array_equal(depth, expected)
    with pytest.raises(MissingFileError, match=r'00005\.png'):
        decoder(results, 5)


def test_metric_depth_of_arrays_takes_what_is_no_distance_for_unknown(tmp_path):
    np.save(tmp_path / '000001.npy', np.array([[1.5, np.inf], [-1, 0]]))
    decoder = MetricDepthDecoder('{:06d}.npy', start=1)
    depth = decoder(dict(depth_path=tmp_path), 0)
    np.testing.assert_array_equal(depth, np.float32([[1.5, 0], [0, 0]]))
