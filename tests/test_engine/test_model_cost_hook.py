"""A test tells the size of the model and how long it took for a video."""

import time
from types import SimpleNamespace

import pytest
from mmengine.logging import MessageHub
from torch import nn

from mmfourdpsg.engine.hooks import ModelCostHook
from mmfourdpsg.models.frameworks.base_scene_graph_model import BaseSceneGraphModel


class Counted(BaseSceneGraphModel):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2).requires_grad_(False)

    def loss(self, inputs, data_samples):
        raise NotImplementedError

    predict = loss


def told(model, sizes, monkeypatch):
    """What is told of a test of batches of some sizes, ten seconds each."""
    times = iter(range(0, 100, 10))
    monkeypatch.setattr(time, 'monotonic', lambda: next(times))
    hub = MessageHub(f'cost of {model} {sizes}')
    runner = SimpleNamespace(model=model, message_hub=hub)
    hook = ModelCostHook()
    hook.before_test_epoch(runner)
    for index, size in enumerate(sizes):
        hook.after_test_iter(runner, index, None, [None] * size)
    hook.after_test_epoch(runner)
    return hub.runtime_info


def test_frozen_weights_and_all_videos_count(monkeypatch):
    found = told(Counted(), [4, 1], monkeypatch)
    assert found == {'test/parameters': 8, 'test/seconds_a_video': pytest.approx(4.0)}


@pytest.mark.parametrize(('model', 'sizes'), [(nn.Linear(1, 1), [1]), (Counted(), [])])
def test_nothing_is_told_of_other_models_or_of_no_video(model, sizes, monkeypatch):
    assert told(model, sizes, monkeypatch) == {}
