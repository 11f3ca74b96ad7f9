import json

import numpy as np
import pytest
import torch

from mmfourdpsg.evaluation.functional import SimilarityDistribution, feature_similarity
from mmfourdpsg.registry import METRICS
from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils import InputError


def test_cosines_of_the_features_that_count():
    estimated = torch.randn(2, 3, 5)
    gold = torch.randn(2, 3, 5)
    mask = torch.tensor([[True, False, True], [False, True, True]])
    found = feature_similarity(estimated, gold, mask)
    expected = [
        np.dot(one, two) / np.linalg.norm(one) / np.linalg.norm(two)
        for one, two in zip(estimated[mask].numpy(), gold[mask].numpy(), strict=True)
    ]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-6)
    assert feature_similarity(estimated, gold).shape == (6,)
    torch.testing.assert_close(
        feature_similarity(gold, 3 * gold), torch.ones(2, 3).flatten()
    )


def test_a_distribution_is_that_of_all_its_cosines():
    torch.manual_seed(0)
    cosines = torch.rand(2000) * 1.6 - 0.8
    whole = SimilarityDistribution.of(cosines)
    united = SimilarityDistribution.of(cosines[:300]) + SimilarityDistribution.of(
        cosines[300:]
    )
    assert (united.counts == whole.counts).all()
    assert whole.number == united.number == 2000
    assert united.mean == pytest.approx(float(cosines.mean()), abs=1e-6)
    for share in (0.1, 0.5, 0.9):
        exact = float(np.quantile(cosines.numpy(), share))
        assert united.quantile(share) == pytest.approx(exact, abs=0.01)
    assert SimilarityDistribution.of(torch.tensor([1.0, -1.0])).number == 2
    nothing = SimilarityDistribution.of(torch.zeros(0))
    assert np.isnan(nothing.mean)
    assert np.isnan(nothing.quantile(0.5))


def test_the_metric_unites_videos(tmp_path):
    path = tmp_path / 'similarity.json'
    metric = METRICS.build(dict(type='FeatureSimilarityMetric', outfile=str(path)))
    rows = [torch.tensor([0.2, 0.4]), torch.tensor([0.9])]
    for row in rows:
        sample = SceneGraphDataSample()
        sample.set_metainfo(
            dict(feature_similarity=dict(depth=SimilarityDistribution.of(row)))
        )
        metric.process(None, [sample])
    found = metric.evaluate(2)
    assert found['similarity/depth_mean'] == pytest.approx(0.5)
    assert found['similarity/depth_median'] == pytest.approx(0.4, abs=0.011)
    assert found['similarity/depth_p10'] < 0.22
    written = SimilarityDistribution.from_dict(json.loads(path.read_text())['depth'])
    assert (written.number, written.mean) == (3, pytest.approx(0.5))


@pytest.mark.parametrize(
    'content', [{}, [], dict(counts=[[1]], total=0), dict(counts=[-1], total=0)]
)
def test_what_is_no_distribution_is_refused(content):
    with pytest.raises(InputError, match='similarities'):
        SimilarityDistribution.from_dict(content)
