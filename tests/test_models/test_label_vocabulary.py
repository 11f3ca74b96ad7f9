"""Names of labels come from the data, stay with the weights and are checked."""

import pytest
import torch

from mmfourdpsg.engine import check_state_dict
from mmfourdpsg.models import LabelVocabulary
from mmfourdpsg.utils import InputError

LABELS = dict(
    thing_classes=['cup', 'café'], stuff_classes=['wall'], predicates=['on', 'left of']
)


def learned(**options):
    vocabulary = LabelVocabulary(
        **{**dict(num_categories=4, num_predicates=2), **options}
    )
    vocabulary.learn(LABELS, 'train.json')
    return vocabulary


def test_names_are_kept_with_the_weights():
    state = learned().state_dict()
    other = LabelVocabulary(4, 2)
    assert (other.categories, other.predicates, other.things) == ([], [], [])
    check_state_dict(state, other, 'a.pth')
    other.load_state_dict(state)
    assert other.categories == ['cup', 'café', 'wall']
    assert other.things == [True, True, False]
    assert other.predicates == ['on', 'left of']
    assert not list(other.parameters())
    other.learn(LABELS, 'train.json')
    assert other.categories == ['cup', 'café', 'wall']


def test_names_become_indices():
    vocabulary = learned()
    found = vocabulary.indices('categories', ['wall', 'cup', 'wall'], 'video v')
    assert found.dtype == torch.long and found.tolist() == [2, 0, 2]
    assert vocabulary.indices('predicates', [], 'video v').tolist() == []
    with pytest.raises(InputError, match=r"video v: .* predicates \['under'\]"):
        vocabulary.indices('predicates', ['on', 'under'], 'video v')


@pytest.mark.parametrize(
    ('options', 'labels', 'message'),
    [
        (dict(num_categories=2), {}, r'3 categories, expected at most 2 \(model'),
        (dict(max_bytes=4), {}, "label 'café', expected at most 4 bytes"),
        ({}, dict(predicates=['on', 'under']), r"other predicates .* \['left of', 'un"),
        ({}, dict(predicates=['left of', 'on']), 'the same in another order'),
    ],
)
def test_labels_that_do_not_fit_are_refused(options, labels, message):
    with pytest.raises(InputError, match=message):
        learned(**options).learn({**LABELS, **labels}, 'data')
