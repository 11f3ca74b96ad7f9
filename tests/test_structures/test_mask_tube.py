import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco_mask

from mmfourdpsg.structures import MaskTube
from mmfourdpsg.structures.mask_tube import decode_rle_counts

_masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9))


@given(_masks)
def test_masks_survive_encoding_and_json(mask):
    tube = MaskTube.from_masks({3: mask}, *mask.shape)
    assert (tube.decode(3) == mask).all()
    assert tube.area() == mask.sum()
    assert tube.frames == ([3] if mask.any() else [])
    assert MaskTube.from_json(tube.to_json(), *mask.shape) == tube


@given(_masks)
def test_counts_decode_as_pycocotools_decodes_them(mask):
    rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    runs = decode_rle_counts(rle['counts'].decode())
    flat = np.repeat(np.arange(len(runs)) % 2, runs)
    assert (flat.reshape(mask.shape, order='F') == mask).all()


def test_long_runs_decode():
    mask = np.zeros((700, 900), dtype=bool)
    mask[100:650, 300:302] = True
    rle = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    runs = decode_rle_counts(rle['counts'].decode())
    assert runs == [300 * 700 + 100, 550, 150, 550, 50 + 598 * 700]


def test_a_tube_has_frames_and_boxes_where_it_is_visible_alone():
    mask = np.zeros((6, 8), dtype=bool)
    mask[1:3, 2:7] = True
    tube = MaskTube.from_masks({0: mask, 4: mask, 5: ~mask, 9: mask & ~mask}, 6, 8)
    assert tube.frames == [0, 4, 5]
    assert tube.restrict([(4, 7)]).frames == [4, 5]
    assert tube.restrict([(5, 10**15)]).frames == [5]
    assert tube.boxes()[0] == (2, 1, 7, 3)
    assert not tube.decode(1).any()
    assert not tube.restrict([(6, 8)])


@pytest.mark.parametrize(
    ('rle', 'says'),
    [
        (dict(size=[2, 2], counts='0'), 'encodes 0 pixels, expected 4'),
        (dict(size=[2, 2], counts='0?'), 'encodes'),
        (dict(size=[2, 2], counts='5'), 'encodes 5 pixels, expected 4'),
        (dict(size=[2, 2], counts='P'), 'stop within a number'),
        (dict(size=[2, 2], counts='!'), 'outside the code'),
        (dict(size=[2, 2], counts='\u00e9'), 'outside the code'),
        (dict(size=[2, 2], counts='O'), 'negative'),
        (dict(size=[3, 2], counts='04'), r'size \[3, 2\], expected \[2, 2\]'),
        (dict(size=[2, 2], counts=[0, 4]), 'is not a run-length encoding'),
        (dict(counts='04'), 'is not a run-length encoding'),
    ],
)
def test_bad_encodings_are_refused(rle, says):
    with pytest.raises(ValueError, match=says):
        MaskTube.from_json({'0': rle}, 2, 2)
    assert MaskTube.from_json({'0': dict(size=[2, 2], counts='04')}, 2, 2).area() == 4


def test_the_area_of_a_long_tube_is_that_of_all_frames():
    mask = np.ones((2, 2), bool)
    tube = MaskTube.from_masks(dict.fromkeys(range(300), mask), 2, 2)
    assert tube.area() == 1200


def test_bad_frames_and_shapes_are_refused():
    with pytest.raises(ValueError, match="'-1'"):
        MaskTube.from_json({'-1': dict(size=[2, 2], counts='04')}, 2, 2)
    rle = dict(size=[2, 2], counts='04')
    with pytest.raises(ValueError, match='two masks at frame 0'):
        MaskTube.from_json({'0': rle, '00': rle}, 2, 2)
    with pytest.raises(ValueError, match=r'shape \(2, 3\), expected \(2, 2\)'):
        MaskTube.from_masks({0: np.ones((2, 3), bool)}, 2, 2)
    with pytest.raises(ValueError, match='before frame 0'):
        MaskTube.from_masks({-1: np.ones((2, 2), bool)}, 2, 2)
