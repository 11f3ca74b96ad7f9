import pytest

from mmfourdpsg.pretraining.imagebind import FeatureMetric
from mmfourdpsg.structures import SceneGraphDataSample


def counts(name_rgb, name_depth, retrieval, log_depth):
    return dict(
        name_accuracy_rgb=name_rgb,
        name_accuracy_depth=name_depth,
        retrieval_rgb_to_depth=retrieval,
        log_depth_error=log_depth,
    )


def test_sums_of_all_videos_are_divided():
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


def test_pixels_of_instances():
    metric = FeatureMetric()
    rows = [dict(instance_accuracy=counts) for counts in ((3, 4), (1, 4))]
    metric.process(None, [dict(feature_counts=row) for row in rows])
    assert metric.evaluate(2) == {'features/instance_accuracy': 50.0}
