"""The strict protocol against a dense reference that decodes every mask."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmfourdpsg.evaluation.functional import (
    evaluate_scene_graphs,
    match_strict,
    tube_iou,
)
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError

HEIGHT, WIDTH, FRAMES = 4, 5, 4


def _dense(tube, span, frames):
    """Return a boolean volume, empty outside the span."""
    volume = np.zeros((frames, HEIGHT, WIDTH), dtype=bool)
    for frame in range(frames):
        inside = any(start <= frame <= end for start, end in span)
        if tube is not None and inside:
            volume[frame] = tube.decode(frame)
    return volume


def _dense_iou(first, second):
    union = (first | second).sum()
    return (first & second).sum() / union if union else 0.0


def _reference_recall(truths, predictions, k):
    """Return (R@K, mR@K) by plain loops over decoded masks."""
    hits = {}
    frames = FRAMES + 3
    for truth, prediction in zip(truths, predictions, strict=True):
        taken = set()
        rows = prediction.relations if prediction is not None else []
        order = sorted(range(len(rows)), key=lambda i: (-(rows[i].score or 0.0), i))
        for position in order[:k]:
            row = rows[position]
            best = None
            for index, wanted in enumerate(truth.relations):
                same = row.predicate == wanted.predicate
                overlaps = []
                for role in ('subject', 'object'):
                    mine = prediction.object_by_id(getattr(row, role))
                    theirs = truth.object_by_id(getattr(wanted, role))
                    same = same and mine.category == theirs.category
                    overlaps.append(
                        _dense_iou(
                            _dense(mine.tube, row.span, frames),
                            _dense(theirs.tube, wanted.span, frames),
                        )
                    )
                good = same and index not in taken and min(overlaps) >= 0.5
                if good and (best is None or min(overlaps) > best[0]):
                    best = (min(overlaps), index)
            if best is not None:
                taken.add(best[1])
        for index, wanted in enumerate(truth.relations):
            hits.setdefault(wanted.predicate, []).append(index in taken)
    flat = [hit for row in hits.values() for hit in row]
    if not flat:
        return math.nan, math.nan
    means = [np.mean(row) for row in hits.values()]
    return 100 * np.mean(flat), 100 * np.mean(means)


@st.composite
def _tubes(draw):
    if draw(st.booleans()) and draw(st.booleans()):
        return None
    masks = {}
    for frame in draw(st.sets(st.integers(0, FRAMES + 1), max_size=FRAMES)):
        row, column = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
        mask[row : row + draw(st.integers(0, 3)), column : column + 2] = True
        masks[frame] = mask
    return MaskTube.from_masks(masks, HEIGHT, WIDTH)


@st.composite
def _graphs(draw, base=None):
    """Draw a graph; with a base, its objects are the base's, some of them changed."""
    if base is None:
        objects = [
            SceneObject(i, draw(st.sampled_from('ab')), tube=draw(_tubes()))
            for i in range(draw(st.integers(2, 4)))
        ]
    else:
        objects = [
            SceneObject(
                item.id,
                item.category if draw(st.integers(0, 5)) else 'a',
                tube=item.tube if draw(st.integers(0, 2)) else draw(_tubes()),
            )
            for item in base.objects
        ]
    relations = []
    for _ in range(draw(st.integers(0, 8))):
        subject, other = draw(st.permutations([item.id for item in objects]))[:2]
        ranges = []
        for _ in range(draw(st.integers(1, 2))):
            start = draw(st.integers(0, FRAMES))
            ranges.append((start, start + draw(st.integers(0, 3))))
        score = draw(st.sampled_from([None, 0.2, 0.5, 0.5, 0.9]))
        predicate = draw(st.sampled_from('pq'))
        relations.append(Relation(subject, predicate, other, ranges, score))
    return SceneGraph('v', HEIGHT, WIDTH, FRAMES, objects, relations)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data())
def test_recall_equals_the_dense_reference(data):
    truth = data.draw(_graphs())
    prediction = data.draw(_graphs(base=truth))
    for k in (1, 2, 20):
        found = evaluate_scene_graphs([truth], [prediction], (k,)).metrics
        recall, mean_recall = _reference_recall([truth], [prediction], k)
        assert found[f'R@{k}'] == pytest.approx(recall, nan_ok=True, abs=1e-9)
        assert found[f'mR@{k}'] == pytest.approx(mean_recall, nan_ok=True, abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(_tubes(), _tubes())
def test_tube_iou_equals_that_of_decoded_masks(first, second):
    whole = [(0, FRAMES + 2)]
    dense = [_dense(tube, whole, FRAMES + 3) for tube in (first, second)]
    assert tube_iou(first, second) == pytest.approx(_dense_iou(*dense))


def _box(row, height, frames):
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[row : row + height] = True
    return MaskTube.from_masks(dict.fromkeys(frames, mask), HEIGHT, WIDTH)


def _graph(relations, video_id='v', rows=((0, 2), (2, 2), (0, 2))):
    objects = [
        SceneObject(i, 'cup' if i != 1 else 'tray', tube=_box(*row, range(FRAMES)))
        for i, row in enumerate(rows)
    ]
    return SceneGraph(video_id, HEIGHT, WIDTH, FRAMES, objects, relations)


def test_an_over_long_span_costs():
    truth = _graph([Relation(0, 'in', 1, [(0, 0)])])
    exact = _graph([Relation(0, 'in', 1, [(0, 0)], 0.5)])
    twice = _graph([Relation(0, 'in', 1, [(0, 1)], 0.5)])
    longer = _graph([Relation(0, 'in', 1, [(0, 3)], 0.5)])
    recalls = [
        evaluate_scene_graphs([truth], [graph], (20,)).metrics['R@20']
        for graph in (exact, twice, longer)
    ]
    # Half of the predicted volume is right at twice the span: just enough.
    assert recalls == [100, 100, 0]


def test_one_prediction_satisfies_one_ground_truth():
    both = [Relation(0, 'in', 1, [(0, 3)]), Relation(2, 'in', 1, [(0, 3)])]
    truth = _graph(both)
    single = _graph([Relation(0, 'in', 1, [(0, 3)], 0.9)])
    assert match_strict(truth, single).ranks == [0, None]
    assert match_strict(truth, _graph(both)).ranks == [0, 1]


def test_the_best_of_several_free_matches_is_taken():
    rows = ((0, 2), (2, 2), (0, 3))
    relations = [Relation(0, 'in', 1, [(0, 3)]), Relation(2, 'in', 1, [(0, 3)])]
    truth = _graph(relations, rows=rows)
    # As large as the ground truth's second cup, but good enough for the first, too.
    prediction = _graph([Relation(2, 'in', 1, [(0, 3)], 1.0)], rows=rows)
    assert match_strict(truth, prediction).ranks == [None, 0]


def test_recall_is_micro_and_a_missing_video_counts_as_missed():
    two = [Relation(0, 'in', 1, [(0, 3)]), Relation(1, 'under', 0, [(0, 3)])]
    truths = [_graph(two, 'a'), _graph(two[:1], 'b')]
    with pytest.warns(UserWarning, match='1 of 2 videos have no prediction'):
        metrics = evaluate_scene_graphs(truths, [_graph(two, 'a')], (20,)).metrics
    assert metrics['R@20'] == pytest.approx(100 * 2 / 3)
    assert metrics['mR@20'] == pytest.approx(100 * (1 / 2 + 1) / 2)


def test_ranks_cut_at_k():
    wrong = Relation(1, 'in', 0, [(0, 3)], 0.9)
    right = Relation(0, 'in', 1, [(0, 3)], 0.1)
    truth = _graph([Relation(0, 'in', 1, [(0, 3)])])
    metrics = evaluate_scene_graphs([truth], [_graph([right, wrong])], (1, 2)).metrics
    assert (metrics['R@1'], metrics['R@2']) == (0, 100)


def test_what_cannot_be_scored_is_one_line():
    truth = _graph([Relation(0, 'in', 1, [(0, 3)])])
    other = SceneGraph('v', HEIGHT, WIDTH + 1, FRAMES)
    with pytest.raises(InputError, match='is 4 x 6 pixels, expected 4 x 5'):
        evaluate_scene_graphs([truth], [other])
    with pytest.raises(InputError, match="first is 'z'"):
        evaluate_scene_graphs([truth], [_graph([], 'z')])
    with pytest.raises(InputError, match='protocol'):
        evaluate_scene_graphs([truth], [truth], protocol='generous')
    with pytest.raises(InputError, match='topk'):
        evaluate_scene_graphs([truth], [truth], topk=(0,))
