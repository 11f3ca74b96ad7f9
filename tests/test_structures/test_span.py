import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfourdpsg.structures import (
    clip_span,
    cover_spans,
    group_spans,
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


def test_alternatives_are_told_by_their_overlap():
    spans = [[(0, 9)], [(0, 8)], [(20, 29)], [(5, 9)], [(20, 24)]]
    scores = [0.5, 0.9, 0.5, 0.1, 0.6]
    assert group_spans(spans, scores, 0.5) == [1, 1, 4, 3, 4]
    assert group_spans(spans, scores, 0.0) == [1] * 5
    assert group_spans(spans, scores, 1.0) == [0, 1, 2, 3, 4]
    # It joins the one that it overlaps most; the earlier one wins ties.
    assert group_spans([[(0, 9)], [(8, 12)], [(6, 11)]], [3, 2, 1], 0.2) == [0, 1, 1]
    assert group_spans([[(0, 1)], [(0, 1)]], [0.5, 0.5], 0.5) == [0, 0]
    assert group_spans([], [], 0.5) == []


@given(st.lists(_frames, max_size=5), st.floats(0.01, 1))
def test_best_spans_of_groups_differ(rows, least):
    spans = [span_from_frames(row) for row in rows]
    heads = group_spans(spans, [1.0] * len(spans), least)
    for one, head in enumerate(heads):
        assert heads[head] == head <= one
        assert one == head or span_iou(spans[one], spans[head]) >= least
    best = sorted(set(heads))
    for first, second in itertools.combinations(best, 2):
        assert span_iou(spans[first], spans[second]) < least


def test_a_span_in_the_middle_covers_most():
    spans = [[(0, 9)], [(2, 11)], [(4, 13)], [(20, 23)]]
    # The second is less likely than the first, and about the same as both others.
    covered = cover_spans(spans, [0.3, 0.25, 0.3, 0.15], 0.5)
    assert [index for index, _ in covered] == [1, 3]
    assert [chance for _, chance in covered] == pytest.approx([0.85, 0.15])
    # Spans that do not overlap enough are left for themselves.
    assert [i for i, _ in cover_spans(spans, [0.3, 0.25, 0.3, 0.15], 0.7)] == [
        0,
        2,
        1,
        3,
    ]
    # With no least overlap all are one.
    assert cover_spans(spans, [0.3, 0.25, 0.3, 0.15], 0)[0][0] == 0
    assert cover_spans([], [], 0.5) == []


@given(
    st.lists(st.tuples(_frames.filter(bool), st.floats(0.01, 1)), max_size=8),
    st.sampled_from([0.3, 0.5, 1.0]),
)
def test_covers_take_all_and_the_first_is_the_best(rows, least):
    spans = [span_from_frames(frames) for frames, _ in rows]
    chances = [chance for _, chance in rows]
    covered = cover_spans(spans, chances, least)
    assert sum(chance for _, chance in covered) == pytest.approx(sum(chances))
    totals = [
        sum(
            chance
            for other, chance in zip(spans, chances, strict=True)
            if span_iou(one, other) >= least
        )
        for one in spans
    ]
    assert covered[0][1] == pytest.approx(max(totals)) if rows else covered == []
    values = [chance for _, chance in covered]
    assert values == sorted(values, reverse=True)
