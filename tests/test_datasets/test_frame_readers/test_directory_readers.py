import json
import pickle

import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.datasets.frame_readers import (
    DepthDirectoryReader,
    ImageDirectoryReader,
    MissingFileError,
    NumberedImageReader,
    open_frames,
)
from mmfourdpsg.utils import InputError


def _image(path, value, size=(6, 8), mode='RGB'):
    dtype = np.uint16 if mode == 'I;16' else np.uint8
    shape = (*size, 3) if mode == 'RGB' else size
    Image.fromarray(np.full(shape, value, dtype)).save(path)


def test_images_come_in_natural_order(tmp_path):
    for number in (10, 9, 100, 1):
        _image(tmp_path / f'frame{number}.png', number)
    (tmp_path / 'notes.txt').write_text('no frame')
    (tmp_path / '.frame0.png').write_text('hidden')
    reader = pickle.loads(pickle.dumps(open_frames(tmp_path)))
    assert [int(frame[0, 0, 0]) for frame in reader] == [1, 9, 10, 100]
    assert reader.size == (6, 8)
    assert reader[0].dtype == np.uint8
    assert reader.fps is None


def test_a_single_image_is_a_video_of_one_frame(tmp_path):
    _image(tmp_path / 'a:b.PNG', 7)
    reader = open_frames(tmp_path / 'a:b.PNG')
    assert (len(reader), reader.size, reader.fps) == (1, (6, 8), None)
    assert (reader[0] == 7).all()
    _image(tmp_path / '16.png', 7, mode='I;16')
    with pytest.raises(InputError, match=r'16\.png: has pixels of mode I;16'):
        open_frames(tmp_path / '16.png')[0]


def test_grey_palette_and_alpha_become_rgb(tmp_path):
    Image.new('L', (3, 2), 7).save(tmp_path / '0.png')
    Image.new('RGBA', (3, 2), (7, 8, 9, 0)).save(tmp_path / '1.png')
    Image.new('RGB', (3, 2), (1, 2, 3)).convert('P').save(tmp_path / '2.png')
    assert [frame.shape for frame in ImageDirectoryReader(tmp_path)] == [(2, 3, 3)] * 3
    assert ImageDirectoryReader(tmp_path)[1][0, 0].tolist() == [7, 8, 9]


@pytest.mark.parametrize('suffix', ['png', 'jpg', 'bmp', 'tif'])
@pytest.mark.parametrize('keep', [0.05, 0.5, 0.9])
def test_truncated_images_are_refused(tmp_path, suffix, keep):
    path = tmp_path / f'0.{suffix}'
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    assert ImageDirectoryReader(tmp_path)[0].shape == (40, 40, 3)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(InputError, match=rf'0\.{suffix}: is truncated or damaged'):
        ImageDirectoryReader(tmp_path)[0]


def test_directories_without_images_are_refused(tmp_path):
    with pytest.raises(InputError, match=r': is empty, expected files ending in \.bmp'):
        ImageDirectoryReader(tmp_path)
    (tmp_path / 'a.txt').write_text('')
    with pytest.raises(InputError, match=': holds none among 1 entries, expected'):
        ImageDirectoryReader(tmp_path)
    with pytest.raises(InputError, match='nowhere: is missing, expected a directory'):
        open_frames(tmp_path / 'nowhere')
    with pytest.raises(InputError, match='nowhere: is no directory, expected'):
        DepthDirectoryReader(tmp_path / 'nowhere')


def test_frames_of_another_size_or_number_are_refused(tmp_path):
    _image(tmp_path / '0.png', 0)
    _image(tmp_path / '1.png', 0, size=(8, 6))
    reader = ImageDirectoryReader(tmp_path)
    reader[0]
    with pytest.raises(InputError, match=r'1\.png: has 8 x 6 pixels .*expected 6 x 8'):
        reader[1]
    with pytest.raises(InputError, match='holds 2 frames, expected 3'):
        ImageDirectoryReader(tmp_path, num_frames=3)


def test_sixteen_bit_images_are_no_colours(tmp_path):
    _image(tmp_path / '0.png', 700, mode='I;16')
    with pytest.raises(InputError, match=r'0\.png: has pixels of mode I;16, expected'):
        ImageDirectoryReader(tmp_path)[0]


def test_numbered_images_know_what_is_missing(tmp_path):
    _image(tmp_path / '00001.png', 5)
    reader = NumberedImageReader(tmp_path, 2, '{:05d}.png', start=1)
    assert len(reader) == 2
    assert reader[0][0, 0, 0] == 5
    with pytest.raises(MissingFileError, match=r'00002\.png: is missing'):
        reader[1]


def test_depth_images_hold_metres_beyond_a_signed_cast(tmp_path):
    _image(tmp_path / '0.png', 40000, mode='I;16')
    depth = DepthDirectoryReader(tmp_path)[0]
    assert depth.dtype == np.float32
    np.testing.assert_array_equal(depth, np.float32(40))
    np.testing.assert_array_equal(DepthDirectoryReader(tmp_path, scale=5000)[0], 8)
    with pytest.raises(InputError, match='depth scale 0: expected a positive'):
        DepthDirectoryReader(tmp_path, scale=0)


def test_files_that_hold_no_depth_are_refused(tmp_path):
    _image(tmp_path / '0.png', 200, mode='L')
    with pytest.raises(InputError, match=r'0\.png: has pixels of mode L, expected'):
        DepthDirectoryReader(tmp_path)[0]
    np.save(tmp_path / '1.npy', np.ones((6, 8), np.float32))
    with pytest.raises(InputError, match='holds 1 arrays and 1 images, expected'):
        DepthDirectoryReader(tmp_path)
    (tmp_path / '0.png').unlink()
    np.testing.assert_array_equal(DepthDirectoryReader(tmp_path)[0], 1)
    for array, holds in (
        (np.ones((6, 8), np.uint8), r'uint8 of shape \[6, 8\]'),
        (np.ones((6, 8), bool), r'bool of shape \[6, 8\]'),
        (np.ones((6, 8, 3), np.float32), r'float32 of shape \[6, 8, 3\]'),
        (np.ones((0, 8), np.float32), r'float32 of shape \[0, 8\]'),
    ):
        np.save(tmp_path / '1.npy', array)
        with pytest.raises(InputError, match=rf'1\.npy: holds {holds}, expected'):
            DepthDirectoryReader(tmp_path)[0]
    (tmp_path / '1.npy').unlink()
    np.savez(tmp_path / '1.npz', a=np.ones((6, 8)), b=np.ones((6, 8)))
    with pytest.raises(InputError, match=r"1\.npz: holds the arrays \['a', 'b'\]"):
        DepthDirectoryReader(tmp_path)[0]


@pytest.mark.parametrize(
    ('suffix', 'dtype', 'default'),
    [
        ('png', 'uint16', 1.5),
        ('tif', 'uint16', 1.5),
        ('tif', 'int32', 1.5),
        ('tif', 'float32', 1500),
        ('npy', 'uint16', 1.5),
        ('npy', 'int64', 1.5),
        ('npy', 'float16', 1500),
        ('npy', 'float64', 1500),
        ('npz', 'uint16', 1.5),
        ('npz', 'float32', 1500),
    ],
)
def test_a_depth_scale_holds_for_every_kind_of_file(tmp_path, suffix, dtype, default):
    array = np.full((6, 8), 1500, dtype)
    array[0, 0] = 0
    path = tmp_path / f'0.{suffix}'
    if suffix == 'npy':
        np.save(path, array)
    elif suffix == 'npz':
        np.savez(path, array)
    else:
        Image.fromarray(array).save(path)
    for scale, metres in ((None, default), (1000, 1.5), (5000, 0.3), (1, 1500)):
        depth = DepthDirectoryReader(tmp_path, scale=scale)[0]
        assert depth.dtype == np.float32
        assert depth[0, 0] == 0
        np.testing.assert_allclose(depth[1:], metres, rtol=1e-6)


def test_depth_that_is_negative_or_not_finite_is_unknown(tmp_path):
    np.save(tmp_path / '0.npy', np.array([[np.nan, np.inf, -1, 1e300, 2]]))
    assert DepthDirectoryReader(tmp_path)[0].tolist() == [[0, 0, 0, 0, 2]]
    np.save(tmp_path / '0.npy', np.array([[-1, 0, 2000]]))
    assert DepthDirectoryReader(tmp_path)[0].tolist() == [[0, 0, 2]]
    np.savez(tmp_path / '0.npz', depth=np.array([[1500]]), confidence=np.ones((1, 1)))
    (tmp_path / '0.npy').unlink()
    assert DepthDirectoryReader(tmp_path)[0].tolist() == [[1.5]]


def test_a_real_recording_stands_still_in_space(fixtures_dir):
    """Frame 0, lifted to points and moved by the known poses, agrees with frame 1."""
    folder = fixtures_dir / 'rgbd_sequence'
    camera = json.loads((folder / 'camera_primesense.json').read_text())
    matrix = np.array(camera['intrinsic_matrix']).reshape(3, 3).T
    lines = (folder / 'trajectory.log').read_text().split('\n')
    poses = [
        np.array([line.split() for line in lines[i + 1 : i + 5]], dtype=float)
        for i in (0, 5)
    ]
    rgb, depth = open_frames(folder / 'color'), DepthDirectoryReader(folder / 'depth')
    assert len(rgb) == len(depth) == 5
    assert rgb.size == depth.size == (camera['height'], camera['width'])
    first, second = depth[0], depth[1]
    y, x = np.nonzero(first)
    z = first[y, x]
    points = np.linalg.inv(matrix) @ np.stack([x * z, y * z, z])
    move = np.linalg.inv(poses[1]) @ poses[0]
    points = move[:3, :3] @ points + move[:3, 3:]
    u, v, w = matrix @ points
    u, v = np.rint(u / w).astype(int), np.rint(v / w).astype(int)
    inside = (u >= 0) & (u < 640) & (v >= 0) & (v < 480)
    seen = second[v[inside], u[inside]]
    error = np.abs(seen - w[inside])[seen > 0]
    assert inside.mean() > 0.9
    # Were the unit, the scale or a pose wrong, this would be decimetres.
    assert np.median(error) < 0.02
