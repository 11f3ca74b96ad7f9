"""A model that has names for its labels gets those of the training data."""

from types import SimpleNamespace

from torch import nn

from mmfourdpsg.engine.hooks import LabelNamesHook


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
