"""Concatenated data sets have the names of all of them."""

import pytest
from mmengine.dataset import BaseDataset

from mmfourdpsg.registry import DATASETS


@DATASETS.register_module()
class _NamedDataset(BaseDataset):
    METAINFO = dict(thing_classes=[], stuff_classes=[], predicates=[])

    def load_data_list(self):
        return [dict(value=name) for name in self.metainfo['predicates']]

    def prepare_data(self, idx):
        return self.get_data_info(idx)['value']


def named(things, stuff, predicates):
    names = dict(thing_classes=things, stuff_classes=stuff, predicates=predicates)
    return dict(type='mmdet._NamedDataset', metainfo=names)


@pytest.fixture
def datasets():
    # The first does not tell stuff from things.
    return [
        named(['cup', 'wall', 'hand'], [], ['on', 'near']),
        named(['hand', 'ball'], ['wall', 'sky'], ['near', 'in']),
    ]


def test_names_are_united_in_their_order_and_items_stay(datasets):
    dataset = DATASETS.build(dict(type='SceneGraphConcatDataset', datasets=datasets))
    assert dataset.metainfo['thing_classes'] == ['cup', 'hand', 'ball']
    assert dataset.metainfo['stuff_classes'] == ['wall', 'sky']
    assert dataset.metainfo['predicates'] == ['on', 'near', 'in']
    assert [dataset[i] for i in range(len(dataset))] == ['on', 'near', 'near', 'in']
