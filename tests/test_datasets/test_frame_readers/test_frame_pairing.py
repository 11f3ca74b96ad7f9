from pathlib import Path

import pytest

from mmfourdpsg.datasets.frame_readers import pair_frames
from mmfourdpsg.datasets.frame_readers.frame_names import frame_numbers, natural_key
from mmfourdpsg.utils import InputError


def _sorted(folder, names):
    return sorted((Path(folder, name) for name in names), key=natural_key)


def pairs(rgb, depth, **options):
    """RGB name -> depth name, whatever the order in which they are listed."""
    frames, others = _sorted('rec/rgb', rgb), _sorted('rec/depth', depth)
    partners = pair_frames(frames, others, 'depth map', **options)
    return {a.name: b.name for a, b in zip(frames, partners, strict=True)}


@pytest.mark.parametrize(
    'expected',
    [
        {'frame_1.png': 'depth_0001.png', 'frame_10.png': 'depth_0010.png'},
        {'in_00_c.png': 'in_00_d.png', 'in_01_c.png': 'in_01_d.png'},
        {'in_00_160225_154756_c.png': 'in_00_160225_154756_depth_filled.png'},
        {'frame-7.color.jpg': 'frame-7.depth.png', 'frame-9.color.jpg': '9.npy'},
        {'rgb8_5.png': 'depth16_5.png', 'rgb8_6.png': 'depth16_6.png'},
        {'0001-640x480.png': '0001-320x240.png', '0002-640x480.png': '2-320x240.png'},
        {'7_a.png': 'd7.png', '8_a.png': 'd8.png'},
        {'cam1_x7.png': '7-v2.png', 'cam1_x8.png': '8-v2.png'},
        # Two counters, of which only both together tell the frames apart
        {'s1_1.png': 'd1_1.png', 's1_2.png': 'd1_2.png', 's2_1.png': 'd2_1.png'},
        # A frame's number and a time of which each camera has its own (SUN3D)
        {'001-0111.jpg': '001-0119.png', '002-0222.jpg': '002-0225.png'},
        # No number, but the same names; Arabic digits, and what only looks like one
        {'left.png': 'left.npy', 'right.png': 'right.npy'},
        {'Left.PNG': 'left.tif', 'caf\u00e9.png': 'cafe\u0301.npy'},
        {'\u0660.png': '0.png', '\u0661.png': '1.png', '\u0661\u0660.png': '10.png'},
        {'①1.png': '①1.png', '1²2.png': '1²2.png'},
        # Lone files say nothing against each other
        {'rgb.png': 'depth.png'},
        {'IMG_20.jpg': 'depth.png'},
        {'kinect2_7.png': '7.png'},
    ],
    ids=lambda expected: next(iter(expected)),
)
def test_rgb_and_depth_pair_by_the_number_in_their_names(expected):
    assert pairs(expected, expected.values()) == expected


@pytest.mark.parametrize(
    ('rgb', 'depth', 'says'),
    [
        ('0 2', '0 1', r'no depth map for 2\.png and no RGB frame for 1\.png;'),
        ('0 1 2', '0 2', r'no depth map for 1\.png;'),
        ('0 2', '0 1 2', r': no RGB frame for 1\.png;'),
        ('1', '2', r'no depth map for 1\.png and no RGB frame for 2\.png;'),
        ('2_a8', '3', r'no depth map for 2_a8\.png'),
        # Film 0 has a third frame and film 1 a first, not a frame 0 and a frame 1
        ('0_3 1_0', '0_1 1_0', r'map for 0_3\.png and no RGB frame for 0_1\.png'),
        ('1 2', '1', r'no depth map for 2\.png;'),
        ('a b', 'c d', r'no depth map for a\.png, b\.png and no RGB frame for c\.png'),
        ('1 2 thumb', '1 2 3', r'for thumb\.png and no RGB frame for 3\.png'),
        ('1 01', '1 2', r'no RGB frame for 2\.png'),
        ('1.0 1.1', '1.0 1.15', r'no depth map for 1\.1\.png.*times within 0\.02 s'),
        (
            ' '.join(map(str, range(9))),
            ' '.join(map(str, range(20, 29))),
            r'for 0\.png, 1\.png, 2\.png and 6 more and no RGB frame for 20\.png',
        ),
    ],
)
def test_what_has_no_partner_is_named_and_nothing_is_shifted(rgb, depth, says):
    with pytest.raises(InputError, match=rf'rec/depth: does not pair .*{says}'):
        pairs(*([f'{n}.png' for n in names.split()] for names in (rgb, depth)))


def test_frames_numbered_from_0_and_depth_from_1_are_refused():
    rgb = [f'{index}.png' for index in range(4)]
    depth = [f'd{index:03d}.png' for index in range(1, 5)]
    says = r'no depth map for 0\.png .*numbered from 0, these from 1: rename one'
    with pytest.raises(InputError, match=says):
        pairs(rgb, depth)


def test_times_pair_with_the_nearest_one_to_one():
    # Two cameras of 30 frames a second that take turns, as in TUM RGB-D
    expected = {
        '1305031102.175304.png': '1305031102.160407.png',
        '1305031102.211214.png': '1305031102.194330.png',
        '1305031102.243211.png': '1305031102.226738.png',
        '1305031102.275326.png': '1305031102.262886.png',
    }
    assert pairs(expected, expected.values()) == expected
    one = dict(list(expected.items())[:1])
    assert pairs(one, one.values()) == one
    with pytest.raises(InputError, match='no depth map for'):
        pairs(expected, expected.values(), time_tolerance=0.01)
    # Lost at either end, so that each is 20 ms before the next one's depth
    rgb = [f'{1 + index / 30:.6f}.png' for index in range(5)]
    depth = [f'{1.0134 + index / 30:.6f}.png' for index in range(5)]
    with pytest.raises(InputError, match=r'1\.133333\.png and .* 1\.013400\.png'):
        pairs(rgb[1:], depth[:-1])
    with pytest.raises(InputError, match='time tolerance nan: expected'):
        pairs(expected, expected.values(), time_tolerance=float('nan'))


def test_nanoseconds_are_times_too():
    expected = {
        '1403636579763555584.png': '1403636579763000000.png',
        '1403636579813555456.png': '1403636579815000000.png',
    }
    assert pairs(expected, expected.values()) == expected
    (seconds,) = frame_numbers(Path('rgb_1403636579763.png'))
    assert float(seconds) == 1403636579.763


def test_times_of_a_fast_camera_never_pair_with_a_neighbour():
    # 60 frames a second: a neighbour is within the tolerance
    times = [f'{index / 60:.4f}.png' for index in range(6)]
    rgb, depth = times[:2] + times[3:], times[:3] + times[4:]
    with pytest.raises(InputError, match=r'map for 0\.0500\.png and .* 0\.0333\.png'):
        pairs(rgb, depth)


def test_names_sort_by_the_values_of_their_numbers():
    def order(*names):
        return [path.name for path in _sorted('rec', names)]

    assert order('0.5.png', '10.0.png', '0.25.png', '9.png') == [
        '0.25.png',
        '0.5.png',
        '9.png',
        '10.0.png',
    ]
    assert order('b10.png', 'B9.png', 'a11.png') == ['a11.png', 'B9.png', 'b10.png']
    assert order('1.2.10.png', '1.2.9.png') == ['1.2.9.png', '1.2.10.png']
    assert order('\u0661\u0660.png', '\u0669.png') == ['\u0669.png', '\u0661\u0660.png']
    assert order('1²2.png', '①1.png', '1.png') == ['1.png', '1²2.png', '①1.png']
    large = [f'x{10**40 + n}.png' for n in (0, 1)]
    assert order(*reversed(large)) == large
    assert pairs(large, [name[1:] for name in large])[large[1]] == large[1][1:]


def test_thousands_of_frames_pair_quickly():
    rgb = [f'{index / 30:.6f}.png' for index in range(3000)]
    depth = [f'{index / 30 + 0.01:.6f}.png' for index in range(3000)]
    assert list(pairs(rgb, depth).values()) == depth
