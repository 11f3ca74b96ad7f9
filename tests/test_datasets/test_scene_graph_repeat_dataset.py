"""Rounds of a repeated data set."""

import numpy as np
import pytest
from mmengine.dataset import BaseDataset

from mmfourdpsg.registry import DATASETS


@DATASETS.register_module()
class _DrawingDataset(BaseDataset):
    epoch = 0

    def load_data_list(self):
        return [dict(value=i) for i in range(3)]

    def prepare_data(self, idx):
        return idx, np.random.default_rng((self.epoch, idx)).random()


def items(epoch, wrap=lambda dataset: dataset):
    dataset = DATASETS.build(
        dict(
            type='SceneGraphRepeatDataset',
            times=2,
            dataset=wrap(dict(type='mmdet._DrawingDataset')),
        )
    )
    dataset.epoch = epoch
    return [dataset[i] for i in range(len(dataset))]


def concatenated(dataset):
    return dict(type='ConcatDataset', datasets=[dataset])


def repeated(dataset):
    return dict(type='mmdet.SceneGraphRepeatDataset', times=2, dataset=dataset)


@pytest.mark.parametrize(
    ('wrap', 'length'), [(None, 6), (concatenated, 6), (repeated, 12)]
)
def test_no_two_rounds_are_augmented_alike(wrap, length):
    wrap = wrap or (lambda dataset: dataset)
    both = items(0, wrap) + items(1, wrap)
    assert [place for place, _ in both] == [0, 1, 2] * (2 * length // 3)
    assert len({number for _, number in both}) == 2 * length
    assert items(0, wrap) + items(1, wrap) == both
