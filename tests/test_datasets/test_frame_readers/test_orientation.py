"""Images and videos come upright, as a player shows them."""

import io

import av
import numpy as np
import pytest
from PIL import Image, ImageOps
from small_videos import write_video

from mmfourdpsg.datasets.frame_readers import (
    DepthDirectoryReader,
    DepthVideoReader,
    NumberedImageReader,
    VideoFileReader,
    decode_depth_image,
    decode_index_image,
    decode_rgb_image,
    open_frames,
)
from mmfourdpsg.datasets.mask_decoders import ColourMaskDecoder, PaletteMaskDecoder
from mmfourdpsg.utils import InputError

# Orientation of EXIF -> a, b, c, d of the display matrix that shows the same: column p
# and row q come to column a p + c q and row b p + d q.
MATRICES = {
    1: (1, 0, 0, 1),
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, 1, -1, 0),
    7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}


def _exif(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def _corners(dtype=np.uint8, high=200):
    """Return ``[32, 48]`` whose four quarters differ, the first being the highest."""
    array = np.zeros((32, 48), dtype)
    array[:16, :24], array[:16, 24:], array[16:, :24] = high, high // 2, high // 4
    return array


def _upright(array, orientation):
    """Turn coded values with Pillow, independently of what is tested."""
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, 'png', exif=_exif(orientation))
    return np.asarray(ImageOps.exif_transpose(Image.open(buffer)))


def test_the_matrices_stand_for_the_orientations():
    corners = _corners()
    q, p = np.mgrid[:32, :48]
    for orientation, (a, b, c, d) in MATRICES.items():
        column, row = a * p + c * q, b * p + d * q
        column, row = column - column.min(), row - row.min()
        shown = np.zeros((row.max() + 1, column.max() + 1), np.uint8)
        shown[row, column] = corners
        np.testing.assert_array_equal(shown, _upright(corners, orientation))


@pytest.mark.parametrize('orientation', MATRICES)
@pytest.mark.parametrize('suffix', ['jpg', 'png', 'webp', 'tif'])
def test_images_are_upright(tmp_path, suffix, orientation):
    options = dict(jpg=dict(quality=100), webp=dict(lossless=True)).get(suffix, {})
    coded = np.stack([_corners(), 255 - _corners(), _corners()], axis=-1)
    path = tmp_path / f'000000.{suffix}'
    Image.fromarray(coded).save(path, exif=_exif(orientation), **options)
    expected = np.stack([_upright(c, orientation) for c in np.moveaxis(coded, 2, 0)])
    expected = np.moveaxis(expected, 0, 2).astype(int)
    readers = (
        open_frames(tmp_path),
        open_frames(path),
        NumberedImageReader(tmp_path, 1, f'{{:06d}}.{suffix}'),
    )
    for reader in readers:
        assert reader.size == expected.shape[:2]
        # JPEG halves its colours.
        error = np.abs(reader[0] - expected)
        assert np.median(error) <= 1
        assert error.mean() < 4


@pytest.mark.parametrize('orientation', MATRICES)
def test_masks_and_depth_are_turned_as_the_images(tmp_path, orientation):
    path = tmp_path / '0.png'
    ids = _corners(high=8)
    results = dict(mask_path=tmp_path)
    grey = Image.fromarray(ids)
    palette = grey.copy()
    palette.putpalette(list(range(256)) * 3)
    assert palette.mode == 'P'
    for mask in (grey, palette):
        mask.save(path, exif=_exif(orientation))
        expected = _upright(ids, orientation)
        np.testing.assert_array_equal(decode_index_image(path), expected)
        mask_ids = PaletteMaskDecoder('{:d}.png')(results, 0)
        np.testing.assert_array_equal(mask_ids, expected)
    colours = np.stack([ids, ids * 0, ids * 0], axis=-1)
    Image.fromarray(colours).save(path, exif=_exif(orientation))
    mask_ids = ColourMaskDecoder('{:d}.png')(results, 0)
    np.testing.assert_array_equal(mask_ids, _upright(ids, orientation))
    millimetres = _corners(np.uint16, 60000)
    Image.fromarray(millimetres).save(path, exif=_exif(orientation))
    expected = _upright(millimetres, orientation) / np.float32(1000)
    np.testing.assert_array_equal(decode_depth_image(path, 1000.0), expected)
    np.testing.assert_array_equal(DepthDirectoryReader(tmp_path)[0], expected)


def test_exif_that_cannot_be_read_is_no_fault(tmp_path):
    path = tmp_path / '0.jpg'
    Image.fromarray(_corners()).save(path, exif=_exif(6), quality=100)
    good = path.read_bytes()
    assert decode_rgb_image(path).shape == (48, 32, 3)
    start = good.index(b'Exif\0\0')
    length = int.from_bytes(good[start - 2 : start], 'big') - 2
    for place in range(start + 6, start + length):
        for value in (0, 8, 255):
            content = bytearray(good)
            content[place] = value
            path.write_bytes(content)
            assert decode_rgb_image(path).shape in ((48, 32, 3), (32, 48, 3))
    for value in (0, 9, 255):
        Image.fromarray(_corners()).save(path, exif=_exif(value), quality=100)
        assert decode_rgb_image(path).shape == (32, 48, 3)


@pytest.mark.parametrize('orientation', MATRICES)
def test_videos_are_upright(tmp_path, orientation):
    path = tmp_path / 'video.mp4'
    frames = [np.stack([_corners() // (t + 1)] * 3, axis=-1) for t in range(3)]
    a, b, c, d = (65536 * value for value in MATRICES[orientation])
    write_video(path, frames, matrix=[a, b, 0, c, d, 0, 0, 0, 1 << 30])
    for reader in (open_frames(path), VideoFileReader(path, num_frames=3)):
        expected = _upright(frames[0][..., 0], orientation)
        assert reader.size == expected.shape
        for t in (2, 0, 1):
            shown = reader[t]
            assert shown.flags.c_contiguous
            expected = _upright(frames[t][..., 0], orientation)
            assert np.abs(shown.mean(axis=-1) - expected).mean() < 4


@pytest.mark.parametrize('orientation', [1, 3, 6, 7])
def test_depth_of_a_turned_video_keeps_its_values(tmp_path, orientation):
    path = tmp_path / 'depth.mov'
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 65536, (16, 24), np.uint16) for _ in range(4)]
    a, b, c, d = (65536 * value for value in MATRICES[orientation])
    matrix = [a, b, 0, c, d, 0, 0, 0, 1 << 30]
    write_video(path, frames, 'png', 'gray16be', matrix=matrix)
    for reader in (DepthVideoReader(path), DepthVideoReader(path, num_frames=4)):
        for t in (3, 1, 0, 2):
            expected = _upright(frames[t], orientation) / np.float32(1000)
            np.testing.assert_array_equal(reader[t], expected)


def test_a_matrix_that_scales_turns_nothing(tmp_path):
    path = tmp_path / 'video.mp4'
    frames = [np.stack([_corners()] * 3, axis=-1)]
    matrix = [2 * 65536, 12, 0, -7, 65536, 0, 65536, 0, 1 << 30]
    write_video(path, frames, matrix=matrix)
    assert np.abs(open_frames(path)[0] - frames[0].astype(int)).mean() < 4


def test_other_than_quarter_turns_are_refused(tmp_path):
    path = tmp_path / 'video.mp4'
    matrix = [46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30]
    write_video(path, [np.zeros((32, 48, 3), np.uint8)], matrix=matrix)
    with pytest.raises(InputError, match=r'video\.mp4: is shown turned by -45 degrees'):
        open_frames(path)


def test_a_film_of_turned_photographs_is_upright(tmp_path):
    """EXIF in the frames of motion JPEG, which the file's header does not tell."""
    photograph = tmp_path / 'photograph.jpg'
    corners = np.stack([_corners()] * 3, axis=-1)
    Image.fromarray(corners).save(photograph, exif=_exif(6), quality=95)
    path = tmp_path / 'video.avi'
    with (
        av.open(str(photograph)) as old,
        av.open(str(path), 'w', format='avi') as new,
    ):
        stream = new.add_stream_from_template(old.streams.video[0])
        (coded,) = [p for p in old.demux(old.streams.video[0]) if p.size]
        for index in range(2):
            packet = av.Packet(bytes(coded))
            packet.pts = packet.dts = index
            packet.time_base, packet.stream = stream.time_base, stream
            packet.is_keyframe = True
            new.mux(packet)
    reader = open_frames(path)
    assert reader.size == (48, 32)
    error = reader[1].mean(axis=-1) - _upright(_corners(), 6)
    assert np.abs(error).mean() < 4
