"""OpenPVSG's protocol against a dense reference that decodes every mask."""

import warnings

import numpy as np
import pytest
from dense_reference import (
    FRAMES,
    data_sets,
    dense_iou,
    ranked,
    recall_of_hits,
)
from hypothesis import HealthCheck, given, settings

from mmfourdpsg.evaluation.functional import evaluate_scene_graphs, match_openpvsg
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject


def _mask(graph, object_id, frame):
    tube = graph.object_by_id(object_id).tube
    if tube is None:
        return np.zeros((graph.height, graph.width), dtype=bool)
    return tube.decode(frame)


def _inside(span, frame):
    return any(start <= frame <= end for start, end in span)


def _reference_hits(truth, prediction, k):
    found = set()
    for row in ranked(prediction, k):
        for index, wanted in enumerate(truth.relations):
            same = row.predicate == wanted.predicate
            hits, countable = set(), set()
            for frame in range(FRAMES):
                if not _inside(wanted.span, frame):
                    continue
                pairs = []
                for role in ('subject', 'object'):
                    ids = getattr(row, role), getattr(wanted, role)
                    categories = {
                        prediction.object_by_id(ids[0]).category,
                        truth.object_by_id(ids[1]).category,
                    }
                    same = same and len(categories) == 1
                    pairs.append(
                        (_mask(prediction, ids[0], frame), _mask(truth, ids[1], frame))
                    )
                if all(theirs.any() for _, theirs in pairs):
                    countable.add(frame)
                good = all(dense_iou(*pair) >= 0.5 for pair in pairs)
                if good and _inside(row.span, frame):
                    hits.add(frame)
            union = hits | countable
            if same and union and len(hits & countable) / len(union) >= 0.5:
                found.add(index)
    return found


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data_sets())
def test_recall_equals_the_dense_reference(videos):
    truths, predictions = videos
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        metrics = evaluate_scene_graphs(
            truths, [graph for graph in predictions if graph], (1, 2, 20), 'openpvsg'
        ).metrics
    for k in (1, 2, 20):
        pairs = zip(truths, predictions, strict=True)
        recall, mean_recall = recall_of_hits(
            truths, [_reference_hits(*pair, k) for pair in pairs]
        )
        assert metrics[f'R@{k}'] == pytest.approx(recall, nan_ok=True, abs=1e-9)
        assert metrics[f'mR@{k}'] == pytest.approx(mean_recall, nan_ok=True, abs=1e-9)


def _graph(relations, tubes):
    objects = [SceneObject(i, 'cup', tube=tube) for i, tube in enumerate(tubes)]
    return SceneGraph('v', 2, 2, 8, objects, relations)


def test_unlike_the_strict_protocol_one_long_prediction_finds_several():
    tube = MaskTube.from_masks(dict.fromkeys(range(8), np.ones((2, 2), bool)), 2, 2)
    tubes = [tube] * 3
    truth = _graph(
        [Relation(0, 'on', 1, [(0, 1)]), Relation(2, 'on', 1, [(3, 4)])], tubes
    )
    # One prediction on every frame costs nothing and finds both.
    rows = [Relation(0, 'on', 1, [(0, 7)], 0.5)]
    assert match_openpvsg(truth, _graph(rows, tubes)).ranks == [0, 0]
    strict = evaluate_scene_graphs([truth], [_graph(rows, tubes)], (20,)).metrics
    assert strict['R@20'] == 0


def test_predictions_without_masks_keep_their_rank():
    tube = MaskTube.from_masks({0: np.ones((2, 2), bool)}, 2, 2)
    truth = _graph([Relation(0, 'on', 1, [(0, 0)])], [tube, tube])
    rows = [Relation(2, 'on', 1, [(0, 0)], 0.9), Relation(0, 'on', 1, [(0, 0)], 0.1)]
    assert match_openpvsg(truth, _graph(rows, [tube, tube, None])).ranks == [1]


def test_frames_past_the_end_and_absent_masks_do_not_count():
    ones = np.ones((2, 2), bool)
    tube = MaskTube.from_masks(dict.fromkeys([0, 8, 9], ones), 2, 2)
    other = MaskTube.from_masks(dict.fromkeys(range(10), ones), 2, 2)
    truth = _graph([Relation(0, 'on', 1, [(0, 9)])], [tube, other])
    # Both masks exist in frames 0, 8 and 9; the video ends with frame 7.
    rows = [Relation(0, 'on', 1, [(0, 0)], 0.5)]
    assert match_openpvsg(truth, _graph(rows, [tube, other])).ranks == [0]


def test_a_predicted_span_that_is_too_short_costs():
    tube = MaskTube.from_masks(dict.fromkeys(range(4), np.ones((2, 2), bool)), 2, 2)
    truth = _graph([Relation(0, 'on', 1, [(0, 3)])], [tube, tube])
    for last, ranks in ((0, [None]), (1, [0])):
        rows = [Relation(0, 'on', 1, [(0, last)], 0.5)]
        assert match_openpvsg(truth, _graph(rows, [tube, tube])).ranks == ranks
