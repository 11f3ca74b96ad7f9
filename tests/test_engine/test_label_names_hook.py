"""A model that has names for its labels gets those of the training data."""

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import torch
from torch import nn

from mmfourdpsg.engine.hooks import LabelNamesHook
from mmfourdpsg.engine.runner import SceneGraphRunner


def runner_of(model):
    dataset = SimpleNamespace(metainfo=dict(predicates=['on']))
    loader = SimpleNamespace(dataset=dataset)
    return SimpleNamespace(model=model, train_dataloader=loader)


def test_names_are_handed_on_to_what_takes_them():
    model = nn.Linear(1, 1)
    LabelNamesHook().before_train(runner_of(model))
    taken = []
    model.take_labels = taken.append
    LabelNamesHook().before_train(runner_of(model))
    assert taken == [dict(predicates=['on'])]


@pytest.mark.parametrize('begins', [True, False])
def test_a_checkpoint_is_relabelled_where_a_training_begins(tmp_path, begins):
    model = nn.Linear(1, 2)
    torch.save(dict(state_dict=nn.Linear(1, 2).state_dict()), tmp_path / 'a.pth')
    seen, told = [], []

    def relabel(state, metainfo):
        seen.append(metainfo)
        state.update({key: torch.zeros_like(row) for key, row in state.items()})
        return ['categories: 1 new']

    model.relabel = relabel
    runner = runner_of(model)
    runner._resume, runner._begins = False, begins
    runner.call_hook, runner.logger = Mock(), SimpleNamespace(info=told.append)
    SceneGraphRunner.load_checkpoint(runner, str(tmp_path / 'a.pth'))
    assert seen == [dict(predicates=['on'])] * begins
    assert bool(model.weight.any()) != begins
    assert any('categories: 1 new' in line for line in told) == begins
