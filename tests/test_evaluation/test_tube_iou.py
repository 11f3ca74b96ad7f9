import sys

import numpy as np
import pytest
from dense_reference import FRAMES, dense, dense_iou, tubes
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask

from mmfourdpsg.evaluation.functional import (
    restrict_tube,
    stack_frames,
    tube_iou,
    tube_ious,
)
from mmfourdpsg.evaluation.functional.tube_iou import can_stack
from mmfourdpsg.structures import MaskTube, merge_ranges

# The package's attribute of this name is the function.
tube_iou_module = sys.modules['mmfourdpsg.evaluation.functional.tube_iou']


@settings(max_examples=200, deadline=None)
@given(tubes(), tubes())
def test_tube_iou_equals_that_of_decoded_masks(first, second):
    whole = [(0, FRAMES + 2)]
    volumes = [dense(tube, whole, FRAMES + 3) for tube in (first, second)]
    assert tube_iou(first, second) == dense_iou(*volumes)


@settings(max_examples=200, deadline=None)
@given(arrays(bool, st.tuples(*[st.integers(1, 4)] * 3)), st.integers(0, 2))
def test_a_wide_encoding_is_that_of_the_frames_side_by_side(volume, more):
    # volume: [frames, rows, columns]
    num_frames, height, width = volume.shape
    tube = MaskTube.from_masks(dict(enumerate(volume)), height, width)
    wide = np.zeros((height, (num_frames + more) * width), dtype=np.uint8)
    wide[:, : num_frames * width] = np.concatenate(volume, axis=1)
    assert stack_frames(tube, num_frames + more) == coco_mask.encode(
        np.asfortranarray(wide)
    )


@given(
    st.sets(st.integers(0, 12)),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=3),
)
def test_restriction_keeps_the_frames_of_the_span(frames, ranges):
    span = merge_ranges((start, start + more) for start, more in ranges)
    tube = MaskTube.from_masks(dict.fromkeys(frames, np.ones((1, 1), bool)), 1, 1)
    assert restrict_tube(tube, span) == tube.restrict(span)


def test_absent_tubes_overlap_nothing():
    tube = MaskTube.from_masks({0: np.ones((2, 2), bool)}, 2, 2)
    assert tube_iou(None, tube) == tube_iou(tube, MaskTube(2, 2, {})) == 0
    assert restrict_tube(None, [(0, 1)]) is None


def test_a_volume_past_32_bits_is_exact():
    # Frame 2 billion of a wide encoding would start past what pycocotools counts.
    masks = {0: np.eye(3, dtype=bool), 2 * 10**9: np.ones((3, 3), bool)}
    first = MaskTube.from_masks(masks, 3, 3)
    second = MaskTube.from_masks({2 * 10**9: np.eye(3, dtype=bool)}, 3, 3)
    assert tube_iou(first, second) == pytest.approx(3 / 12)


@settings(max_examples=50, deadline=None)
@given(st.lists(tubes(), max_size=3), st.lists(tubes(), max_size=3))
def test_many_at_once_are_as_one_by_one(first, second):
    expected = [[tube_iou(a, b) for b in second] for a in first]
    assert tube_ious(first, second).tolist() == expected


@pytest.mark.parametrize(('num_frames', 'wide'), [(536, True), (640, False)])
def test_a_volume_around_what_pycocotools_reads_back_is_exact(num_frames, wide):
    # After the long gap come short runs: a difference of about -num_frames megapixels.
    # Below -2**29 pycocotools misreads it, and then its IoU does not return.
    size = (1000, 1000)
    assert can_stack(*size, num_frames) == wide
    full, half = np.ones(size, bool), np.ones(size, bool)
    half[:500] = False
    first = MaskTube.from_masks({0: full, num_frames - 1: full}, *size)
    second = MaskTube.from_masks({0: full, num_frames - 1: half}, *size)
    assert tube_iou(first, second) == pytest.approx(3 / 4)


def test_long_videos_are_scored_frame_by_frame_too(monkeypatch):
    monkeypatch.setattr(tube_iou_module, 'MAX_PIXELS', 1)
    ones = np.ones((2, 2), bool)
    first = MaskTube.from_masks(dict.fromkeys(range(300), ones), 2, 2)
    second = MaskTube.from_masks(dict.fromkeys(range(30, 300), ones), 2, 2)
    assert tube_iou(first, second) == pytest.approx(270 / 300)


def test_tubes_of_two_sizes_are_refused():
    sizes = [(2, 3), (3, 2)]
    tubes = [MaskTube.from_masks({0: np.ones(size, bool)}, *size) for size in sizes]
    with pytest.raises(ValueError, match='2 x 3 and 3 x 2 pixels'):
        tube_iou(*tubes)
