"""The strict protocol against a dense reference that decodes every mask."""

import warnings

import numpy as np
import pytest
from dense_reference import (
    FRAMES,
    HEIGHT,
    WIDTH,
    data_sets,
    dense,
    dense_iou,
    ranked,
    recall_of_hits,
)
from hypothesis import HealthCheck, given, settings

from mmfourdpsg.evaluation.functional import (
    evaluate_scene_graphs,
    match_strict,
)
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError


def _reference_hits(truth, prediction, k):
    """Return the found relations of a video, by plain loops over decoded masks."""
    frames = FRAMES + 5
    taken = set()
    for row in ranked(prediction, k):
        best = None
        for index, wanted in enumerate(truth.relations):
            same = row.predicate == wanted.predicate
            overlaps = []
            for role in ('subject', 'object'):
                mine = prediction.object_by_id(getattr(row, role))
                theirs = truth.object_by_id(getattr(wanted, role))
                same = same and mine.category == theirs.category
                overlaps.append(
                    dense_iou(
                        dense(mine.tube, row.span, frames),
                        dense(theirs.tube, wanted.span, frames),
                    )
                )
            good = same and index not in taken and min(overlaps) >= 0.5
            if good and (best is None or min(overlaps) > best[0]):
                best = (min(overlaps), index)
        if best is not None:
            taken.add(best[1])
    return taken


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(videos=data_sets())
def test_recall_equals_the_dense_reference(videos):
    truths, predictions = videos
    given_ones = [graph for graph in predictions if graph is not None]
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        metrics = evaluate_scene_graphs(truths, given_ones, (1, 2, 20)).metrics
    for k in (1, 2, 20):
        hits = [
            _reference_hits(*pair, k) for pair in zip(truths, predictions, strict=True)
        ]
        recall, mean_recall = recall_of_hits(truths, hits)
        assert metrics[f'R@{k}'] == pytest.approx(recall, nan_ok=True, abs=1e-9)
        assert metrics[f'mR@{k}'] == pytest.approx(mean_recall, nan_ok=True, abs=1e-9)


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


def test_repeated_rows_of_a_prediction_keep_their_ranks():
    truth = _graph([Relation(0, 'in', 1, [(0, 1)]), Relation(1, 'under', 0, [(0, 3)])])
    # The second guess at the span is right; united, neither would be.
    rows = [
        Relation(0, 'in', 1, [(2, 3)], 0.9),
        Relation(0, 'in', 1, [(0, 1)], 0.8),
        Relation(1, 'under', 0, [(0, 3)], 0.7),
    ]
    assert match_strict(truth, _graph(rows)).ranks == [1, 2]
    metrics = evaluate_scene_graphs([truth], [_graph(rows)], (2, 3)).metrics
    assert (metrics['R@2'], metrics['R@3']) == (50, 100)


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


@pytest.mark.parametrize('score', [0.5, None])
def test_equal_scores_keep_their_order(score):
    truth = _graph([Relation(0, 'in', 1, [(0, 3)]), Relation(1, 'in', 0, [(0, 3)])])
    rows = [
        Relation(0, 'in', 1, [(0, 3)], score),
        Relation(1, 'in', 0, [(0, 3)], score),
    ]
    assert match_strict(truth, _graph(rows)).ranks == [0, 1]
    assert match_strict(truth, _graph(rows[::-1])).ranks == [1, 0]


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
    with pytest.raises(InputError, match="prediction: video 'v' occurs twice"):
        evaluate_scene_graphs([truth], [truth, truth])


def test_a_span_of_any_length_takes_no_time():
    truth = _graph([Relation(0, 'in', 1, [(0, 3)])])
    endless = _graph([Relation(0, 'in', 1, [(0, 10**15)], 0.9)])
    assert match_strict(truth, endless).ranks == [0]
