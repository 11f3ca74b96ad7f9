"""A model learns its labels from the data that it is trained on."""

from types import SimpleNamespace

import pytest
from torch import nn

from mmfourdpsg.engine.hooks import LabelVocabularyHook
from mmfourdpsg.models import LabelVocabulary
from mmfourdpsg.utils import InputError


def runner_of(model, train=('on',), test=('in',)):
    def loader(predicates):
        metainfo = dict(thing_classes=['cup'], predicates=list(predicates))
        return SimpleNamespace(dataset=SimpleNamespace(metainfo=metainfo))

    return SimpleNamespace(
        model=model, train_dataloader=loader(train), test_dataloader=loader(test)
    )


@pytest.fixture
def model():
    model = nn.Module()
    model.vocabulary = LabelVocabulary(2, 2)
    return model


def test_labels_are_those_of_the_training_data(model):
    LabelVocabularyHook().before_train(runner_of(model))
    LabelVocabularyHook().before_test(runner_of(model))
    assert model.vocabulary.predicates == ['on']
    with pytest.raises(InputError, match='training data: has other predicates'):
        LabelVocabularyHook().before_train(runner_of(model, train=('under',)))


def test_an_untrained_model_takes_those_of_the_test_data(model):
    LabelVocabularyHook().before_test(runner_of(model))
    assert model.vocabulary.predicates == ['in']


def test_a_model_without_a_vocabulary_is_left_alone():
    LabelVocabularyHook().before_train(runner_of(nn.Linear(1, 1)))
    LabelVocabularyHook().before_test(runner_of(nn.Linear(1, 1)))
