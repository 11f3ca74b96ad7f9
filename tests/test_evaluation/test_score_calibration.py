"""What scores are worth."""

import numpy as np
import pytest

from mmfourdpsg.evaluation.functional import (
    ScoredHits,
    cross_calibrate,
    fit_calibration,
    object_hits,
    relation_hits,
)
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject
from mmfourdpsg.visualization.reliability_chart import draw_reliability_chart


def test_auc_is_the_share_of_pairs_in_order():
    found = ScoredHits(np.array([0.9, 0.8, 0.8, 0.1]), np.array([1, 1, 0, 0], bool))
    # Of four pairs of a right and a wrong one, one is a tie.
    assert found.auc() == pytest.approx(3.5 / 4)
    assert np.isnan(ScoredHits(np.array([0.5]), np.array([True])).auc())


def test_calibration_error_is_that_of_the_bins():
    scores = np.array([0.92, 0.98, 0.15, 0.11])
    found = ScoredHits(scores, np.array([True, False, False, False]))
    # |1.90 - 1| and |0.26 - 0| over four predictions.
    assert found.calibration_error(10) == pytest.approx((0.90 + 0.26) / 4)


def test_the_best_threshold_counts_what_was_missed():
    scores, hits = np.array([0.9, 0.7, 0.5, 0.3]), np.array([1, 0, 1, 0], bool)
    # F1 of the first one, two, ...: 2/4, 2/5, 4/6, 4/7 of three to be found.
    assert ScoredHits(scores, hits, 1).best_threshold() == (0.5, pytest.approx(4 / 6))


def test_a_threshold_does_not_come_between_equal_scores():
    found = ScoredHits(np.array([0.5, 0.5]), np.array([True, False]))
    assert found.best_threshold() == (0.5, pytest.approx(2 / 3))


@pytest.mark.parametrize('slope, offset', [(1.0, 0.0), (2.5, -1.0), (0.4, 2.0)])
def test_fitting_finds_the_curve_that_hits_were_sampled_by(slope, offset):
    rng = np.random.default_rng(0)
    raw = ScoredHits(rng.uniform(0.02, 0.98, 40_000), np.zeros(40_000, bool))
    hits = rng.uniform(size=40_000) < raw.calibrated(slope, offset).scores
    sampled = ScoredHits(raw.scores, hits)
    assert fit_calibration(sampled) == pytest.approx((slope, offset), abs=0.1)
    assert sampled.calibrated(*fit_calibration(sampled)).calibration_error() < 0.02


def test_fitting_is_finite_where_all_are_right():
    found = ScoredHits(np.array([0.3, 0.6]), np.array([True, True]))
    slope, offset = fit_calibration(found)
    assert slope > 0 and np.isfinite([slope, offset]).all()


def _graph(*objects, relations=()):
    def tube(first, last):
        mask = np.zeros((2, 8), bool)
        mask[:, first:last] = True
        return MaskTube.from_masks({0: mask}, 2, 8)

    things = [
        SceneObject(i, name, score=score, tube=tube(*place))
        for i, (name, score, *place) in enumerate(objects)
    ]
    rows = [Relation(a, name, b, [(0, 0)], score) for a, name, b, score in relations]
    return SceneGraph('v', 2, 8, 1, things, rows)


def test_hits_are_those_of_objects_and_of_the_strict_protocol():
    wanted = _graph(
        ('cup', None, 0, 2),
        ('table', None, 2, 8),
        ('ball', None, 0, 1),
        relations=[(0, 'on', 1, None), (1, 'under', 0, None)],
    )
    found = _graph(
        ('cup', 0.2, 0, 2),
        ('cup', 0.9, 6, 8),
        ('table', 0.6, 3, 8),
        relations=[(0, 'on', 2, 0.3), (1, 'on', 2, 0.8)],
    )
    objects = object_hits([(wanted, found)])
    assert objects.scores.tolist() == [0.9, 0.6, 0.2]
    assert objects.hits.tolist() == [False, True, True]
    assert objects.missed == 1
    relations = relation_hits([(wanted, found)])
    assert relations.scores.tolist() == [0.8, 0.3]
    assert relations.hits.tolist() == [False, True]
    assert relations.missed == 1
    assert object_hits([(wanted, None)]).missed == 3


def test_the_plot_has_a_panel_a_kind(tmp_path):
    found = ScoredHits(np.linspace(0, 1, 50), np.arange(50) > 20)
    figure = draw_reliability_chart({'objects': dict(raw=found), 'relations': {}})
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == ['objects', 'relations']
    labels = [text.get_text() for text in figure.axes[2].get_legend().get_texts()]
    assert labels == [f'raw: calibration error {100 * found.calibration_error():.1f} %']


def test_a_calibration_can_be_undone_and_parts_be_joined():
    parts = [
        ScoredHits(np.array([0.2, 0.7]), np.array([False, True]), 1),
        ScoredHits(np.array([0.4]), np.array([True]), 2),
    ]
    whole = ScoredHits.join(parts)
    assert whole.scores.tolist() == [0.2, 0.7, 0.4]
    assert (whole.hits.tolist(), whole.missed) == ([False, True, True], 3)
    again = whole.calibrated(1.5, -0.3).uncalibrated(1.5, -0.3)
    np.testing.assert_allclose(again.scores, whole.scores)


def test_no_part_is_calibrated_by_itself():
    generator = np.random.default_rng(0)
    scores = generator.uniform(size=2000)
    # Of one part all are right, of the other none, whatever their scores.
    parts = [ScoredHits(scores, np.full(2000, right)) for right in (True, False)]
    found = cross_calibrate(parts)
    assert found.hits.tolist() == [True] * 2000 + [False] * 2000
    assert found.scores[:2000].max() < 0.01 and found.scores[2000:].min() > 0.99
