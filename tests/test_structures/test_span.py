import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfourdpsg.structures import (
    clip_span,
    intersect_spans,
    merge_ranges,
    span_frames,
    span_from_frames,
    span_iou,
    span_length,
)

_frames = st.sets(st.integers(0, 30))
_ranges = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 5)).map(lambda p: (p[0], p[0] + p[1]))
)


@given(_ranges)
def test_merging_keeps_the_frames_and_gives_the_normal_form(ranges):
    span = merge_ranges(ranges)
    frames = {f for start, end in ranges for f in range(start, end + 1)}
    assert span_frames(span) == sorted(frames)
    assert all(a[1] + 1 < b[0] for a, b in itertools.pairwise(span))
    assert merge_ranges(span) == span


@given(_frames, _frames)
def test_spans_behave_as_sets_of_frames(first, second):
    a, b = span_from_frames(first), span_from_frames(second)
    assert span_frames(intersect_spans(a, b)) == sorted(first & second)
    assert span_length(a) == len(first)
    union = first | second
    assert span_iou(a, b) == (len(first & second) / len(union) if union else 0)
    assert span_frames(clip_span(a, 10)) == sorted(f for f in first if f < 10)


@pytest.mark.parametrize('bad', [(3, 2), (-1, 2)])
def test_bad_ranges_are_refused(bad):
    with pytest.raises(ValueError, match=str(bad[0])):
        merge_ranges([bad])


def test_adjacent_ranges_merge():
    assert merge_ranges([[4, 6], [0, 1], [2, 2]]) == [(0, 2), (4, 6)]
    assert clip_span([(0, 3)], 0) == []
