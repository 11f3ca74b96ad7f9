import numpy as np
import pytest
from dense_reference import FRAMES, dense, dense_iou, tubes
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmfourdpsg.evaluation.functional import tube_iou, tube_ious
from mmfourdpsg.evaluation.functional.tube_runs import TubeRuns, read_runs, runs_iou
from mmfourdpsg.structures import MaskTube, merge_ranges
from mmfourdpsg.structures.mask_tube import decode_rle_counts

LAST = FRAMES + 3
SPANS = st.lists(
    st.tuples(st.integers(0, LAST), st.integers(0, 4)), min_size=1, max_size=3
).map(lambda rows: merge_ranges((start, start + more) for start, more in rows))


@settings(max_examples=200, deadline=None)
@given(tubes(), tubes())
def test_tube_iou_equals_that_of_decoded_masks(first, second):
    whole = [(0, FRAMES + 2)]
    volumes = [dense(tube, whole, FRAMES + 3) for tube in (first, second)]
    assert tube_iou(first, second) == dense_iou(*volumes)


@settings(max_examples=300, deadline=None)
@given(tubes(), SPANS, tubes(), SPANS, st.sampled_from([0.0, 0.3, 0.5, 1.0]))
def test_restricted_iou_equals_that_of_decoded_masks(
    first, span, second, other, threshold
):
    if not first or not second:
        return
    expected = dense_iou(dense(first, span, LAST + 8), dense(second, other, LAST + 8))
    runs = TubeRuns(first), TubeRuns(second)
    found = runs_iou(runs[0], span, runs[1], other, threshold)
    if expected >= threshold:
        assert found == expected
    else:
        # Enough is known: a bound from above that is below the threshold.
        assert expected <= found < threshold


@settings(max_examples=200, deadline=None)
@given(arrays(bool, st.tuples(*[st.integers(1, 5)] * 3)))
def test_runs_of_many_frames_are_those_of_each(volume):
    tube = MaskTube.from_masks(dict(enumerate(volume)), *volume.shape[1:])
    texts = [rle['counts'] for rle in tube.rles.values()]
    texts = [t.decode() if isinstance(t, bytes) else t for t in texts]
    expected = [decode_rle_counts(text) for text in texts]
    runs, counts = read_runs(texts)
    assert runs.tolist() == [run for row in expected for run in row]
    assert counts.tolist() == [len(row) for row in expected]


def test_long_and_varied_runs_are_read():
    # Numbers of up to four characters, positive and negative differences.
    random = np.random.default_rng(0)
    mask = np.cumsum(random.random((480, 360)) < 0.003).reshape(480, 360) % 2 == 1
    tube = MaskTube.from_masks({3: mask, 5: ~mask, 6: mask[::-1]}, 480, 360)
    runs = TubeRuns(tube)
    starts, ends, owner = runs.runs
    for place, frame in enumerate(tube.frames):
        flat = np.zeros(480 * 360, bool)
        for start, end in zip(
            starts[owner == place], ends[owner == place], strict=True
        ):
            flat[start - place * flat.size : end - place * flat.size] = True
        assert (tube.decode(frame) == flat.reshape(360, 480).T).all()
    assert runs.areas(np.arange(len(runs.frames))).tolist() == [
        tube.decode(f).sum() for f in tube.frames
    ]


@pytest.mark.parametrize('length', [1, 255, 256, 510, 511])
def test_areas_and_boxes_of_long_tubes_are_those_of_each_frame(length):
    # pycocotools counts the masks of one call in 8 bits.
    masks = {}
    for frame in range(length):
        masks[3 * frame] = np.zeros((40, 20), bool)
        masks[3 * frame][frame % 39 :, : frame % 19 + 1] = True
    runs = TubeRuns(MaskTube.from_masks(masks, 40, 20))
    places = np.arange(length)
    assert runs.areas(places).tolist() == [mask.sum() for mask in masks.values()]
    expected = [[0, i % 39, i % 19 + 1, 40] for i in range(length)]
    assert runs.boxes(places).tolist() == expected


def test_absent_tubes_overlap_nothing():
    tube = MaskTube.from_masks({0: np.ones((2, 2), bool)}, 2, 2)
    assert tube_iou(None, tube) == tube_iou(tube, MaskTube(2, 2, {})) == 0


def test_frames_that_are_far_apart_are_exact():
    masks = {0: np.eye(3, dtype=bool), 2 * 10**9: np.ones((3, 3), bool)}
    first = MaskTube.from_masks(masks, 3, 3)
    second = MaskTube.from_masks({2 * 10**9: np.eye(3, dtype=bool)}, 3, 3)
    assert tube_iou(first, second) == pytest.approx(3 / 12)


@settings(max_examples=50, deadline=None)
@given(st.lists(tubes(), max_size=3), st.lists(tubes(), max_size=3))
def test_many_at_once_are_as_one_by_one(first, second):
    expected = [[tube_iou(a, b) for b in second] for a in first]
    assert tube_ious(first, second).tolist() == expected


def test_large_volumes_are_exact():
    size = (1000, 1000)
    full, half = np.ones(size, bool), np.ones(size, bool)
    half[:500] = False
    first = MaskTube.from_masks({0: full, 639: full}, *size)
    second = MaskTube.from_masks({0: full, 639: half}, *size)
    assert tube_iou(first, second) == pytest.approx(3 / 4)


def test_long_videos_are_exact():
    ones = np.ones((2, 2), bool)
    first = MaskTube.from_masks(dict.fromkeys(range(300), ones), 2, 2)
    second = MaskTube.from_masks(dict.fromkeys(range(30, 300), ones), 2, 2)
    assert tube_iou(first, second) == pytest.approx(270 / 300)


def test_tubes_of_two_sizes_are_refused():
    sizes = [(2, 3), (3, 2)]
    tubes = [MaskTube.from_masks({0: np.ones(size, bool)}, *size) for size in sizes]
    with pytest.raises(ValueError, match='2 x 3 and 3 x 2 pixels'):
        tube_iou(*tubes)
