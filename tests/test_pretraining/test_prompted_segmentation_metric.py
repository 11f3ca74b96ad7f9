import pytest

from mmfourdpsg.pretraining.sam2 import PromptedSegmentationMetric


def test_means_by_kind_and_place():
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
