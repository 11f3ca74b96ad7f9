import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.apis import Recording
from mmfourdpsg.utils import InputError


def metres(*recording, **options):
    """Return the depth of the first pixel of each frame."""
    return [float(depth[0, 0]) for depth in Recording(*recording, **options).depth]


def rename(folder, pattern, number=lambda index: index):
    for path in sorted(folder.iterdir(), reverse=True):
        path.rename(folder / pattern.format(number(int(path.stem))))


def test_rgb_and_depth_pair_by_number(recording):
    rgb, depth = recording
    rename(rgb, 'frame_{}.png', lambda index: 2 * index + 7)
    rename(depth, '{:04d}_depth.png', lambda index: 2 * index + 7)
    opened = Recording(rgb, depth)
    assert [path.name for path in opened.frames.paths][:2] == [
        'frame_7.png',
        'frame_9.png',
    ]
    assert metres(rgb, depth) == [1.0, 1.5, 2.0, 2.5, 3.0]
    (depth / '0011_depth.png').rename(depth / '0012_depth.png')
    says = r'no depth map for frame_11\.png and no RGB frame for 0012_depth\.png'
    with pytest.raises(InputError, match=says):
        Recording(rgb, depth)


def test_what_lacks_a_partner_is_told(recording):
    rgb, depth = recording
    (depth / '1.png').unlink()
    with pytest.raises(InputError, match=r'no depth map for 1\.png;'):
        Recording(rgb, depth)
    (rgb / '1.png').unlink()
    assert metres(rgb, depth) == [1.0, 2.0, 2.5, 3.0]
    (rgb / '4.png').unlink()
    with pytest.raises(InputError, match=r': no RGB frame for 4\.png;'):
        Recording(rgb, depth)


def test_times_in_names_pair_within_the_tolerance(recording):
    rgb, depth = recording
    rename(rgb, '{:.6f}.png', lambda index: 9.9 + index / 10)
    rename(depth, '{:.3f}.png', lambda index: 9.91 + index / 10)
    assert metres(rgb, depth) == [1.0, 1.5, 2.0, 2.5, 3.0]
    with pytest.raises(InputError, match=r'no depth map for 9\.900000\.png'):
        Recording(rgb, depth, time_tolerance=0.005)


def test_a_video_has_no_names_so_depth_pairs_by_position(recording, recording_video):
    depth = recording[1]
    (depth / '4.png').rename(depth / '7.png')
    assert metres(recording_video, depth) == [1.0, 1.5, 2.0, 2.5, 3.0]
    (depth / '7.png').unlink()
    with pytest.raises(InputError, match='depth: holds 4 depth maps, expected 5'):
        Recording(recording_video, depth)


def test_a_depth_scale_holds_for_arrays_too(recording):
    rgb, depth = recording
    for path in depth.iterdir():
        np.save(path.with_suffix('.npy'), np.asarray(Image.open(path), np.float32))
        path.unlink()
    assert metres(rgb, depth, depth_scale=1000) == [1.0, 1.5, 2.0, 2.5, 3.0]
    assert metres(rgb, depth, depth_scale=500) == [2.0, 3.0, 4.0, 5.0, 6.0]
    assert metres(rgb, depth) == [1000, 1500, 2000, 2500, 3000]


@pytest.mark.parametrize(
    ('scale', 'line', 'is_warned'),
    [
        (1000, 'depth: 1 to 3 m, median 2 m', False),
        (100, 'depth: 10 to 30 m, median 20 m', False),
        (5, 'depth: 200 to 600 m, median 400 m', True),
        (25_000, 'depth: 0.04 to 0.12 m, median 0.08 m', True),
    ],
)
def test_depths_range_is_told_and_unlikely_units_are_warned_of(
    recording, capsys, scale, line, is_warned
):
    Recording(*recording, depth_scale=scale).tell()
    out, err = capsys.readouterr()
    assert out.splitlines() == [line]
    assert len(err.splitlines()) == is_warned
    if is_warned:
        assert err.startswith('warning: a median depth of ')
        assert all(part in err for part in ('1000', '5000 (TUM', '8000', 'three bits'))


def test_the_median_is_that_of_known_pixels(recording):
    rgb, depth = recording
    for path in depth.iterdir():
        stored = np.zeros((48, 64), np.uint16)
        stored[:10] = np.arange(1, 641).reshape(10, 64)
        Image.fromarray(stored).save(path)
    summary = Recording(rgb, depth).depth_summary
    assert (summary.lowest, summary.highest) == (
        pytest.approx(0.001),
        pytest.approx(0.64),
    )
    assert summary.median == pytest.approx(0.3205)


def test_depth_that_is_unknown_everywhere_is_warned_of(recording, capsys):
    rgb, depth = recording
    for path in depth.iterdir():
        Image.fromarray(np.zeros((48, 64), np.uint16)).save(path)
    Recording(rgb, depth).tell()
    out, err = capsys.readouterr()
    assert out == 'depth: unknown in every pixel\n'
    assert err.startswith('warning: no pixel has a depth')


def test_real_depth_is_in_metres(fixtures_dir):
    folder = fixtures_dir / 'rgbd_sequence'
    summary = Recording(folder / 'color', folder / 'depth').depth_summary
    assert 0.5 < summary.lowest < summary.median < summary.highest < 5
    assert summary.warning is None
