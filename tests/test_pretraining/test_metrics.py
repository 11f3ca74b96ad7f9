import pytest
import torch

from mmfourdpsg.pretraining.metrics import (
    FeatureMetric,
    PromptedSegmentationMetric,
    log_depth_error,
    name_counts,
    retrieval_counts,
)
from mmfourdpsg.structures import SceneGraphDataSample


def counts(name_rgb, name_depth, retrieval, log_depth):
    return dict(
        name_accuracy_rgb=name_rgb,
        name_accuracy_depth=name_depth,
        retrieval_rgb_to_depth=retrieval,
        log_depth_error=log_depth,
    )


def test_rates_are_those_of_the_sums_over_all_videos():
    first = SceneGraphDataSample()
    first.set_metainfo(
        dict(feature_counts=counts((3, 4), (1, 4), (10, 64), (12.8, 64)))
    )
    second = dict(feature_counts=counts((0, 6), (4, 6), (0, 0), (0.0, 0)))
    metric = FeatureMetric()
    metric.process(None, [first, second])
    assert metric.evaluate(2) == pytest.approx(
        {
            'features/name_accuracy_rgb': 30.0,
            'features/name_accuracy_depth': 50.0,
            'features/retrieval_rgb_to_depth': 15.625,
            'features/log_depth_error': 0.2,
        }
    )


def test_what_was_not_counted_has_no_metric():
    metric = FeatureMetric()
    nothing = counts((1, 2), (0, 0), (0, 0), (0.0, 0))
    metric.process(None, [dict(feature_counts=nothing)])
    assert metric.evaluate(1) == {'features/name_accuracy_rgb': 50.0}


def test_instance_accuracy_is_that_of_all_pixels():
    metric = FeatureMetric()
    rows = [dict(instance_accuracy=counts) for counts in ((3, 4), (1, 4))]
    metric.process(None, [dict(feature_counts=row) for row in rows])
    assert metric.evaluate(2) == {'features/instance_accuracy': 50.0}


def test_prompted_iou_is_averaged_by_kind_and_by_first_or_later_frame():
    metric = PromptedSegmentationMetric()
    first = dict(prompted_ious=[('box', 0, 0.9), ('box', 1, 0.5), ('box', 2, 0.1)])
    second = dict(prompted_ious=[('box', 0, 0.7), ('point', 0, 0.2)])
    metric.process(None, [first, second])
    scores = metric.evaluate(2)
    assert scores == pytest.approx(
        {
            'segmentation/box_first': 80,
            'segmentation/box_later': 30,
            'segmentation/point_first': 20,
            'segmentation/mean': 130 / 3,
        }
    )


def test_nothing_to_count_gives_no_score():
    metric = PromptedSegmentationMetric()
    metric.process(None, [dict(prompted_ious=[])])
    assert metric.compute_metrics([]) == {}


def test_names_pairs_and_depth_errors_are_counted_as_by_hand():
    logits = torch.eye(3)[None]
    labels = torch.tensor([[0, 2, 2]])
    shown = torch.tensor([[True, True, False]])
    assert name_counts(logits, labels, shown) == (1, 2)
    patches = torch.eye(4)
    assert retrieval_counts(patches, patches) == (4, 4)
    assert retrieval_counts(patches, patches[[1, 0, 2, 3]]) == (2, 4)
    assert retrieval_counts(torch.ones(3, 1), torch.ones(3, 1)) == (0, 3)
    assert retrieval_counts(patches[:0], patches[:0]) == (0, 0)
    target = torch.zeros(1, 1, 2, 3)
    known = torch.tensor([[True, False, False], [False, True, True]])[None, None]
    assert log_depth_error(target - 0.5, target, known) == (0.5, 1)
