import json
import sys
import warnings

import pytest
from dense_reference import data_sets
from hypothesis import HealthCheck, given, settings

from mmfourdpsg.evaluation import SceneGraphMetric
from mmfourdpsg.evaluation.functional import evaluate_scene_graphs, part_scores
from mmfourdpsg.evaluation.labels import (
    AliasLabelMatcher,
    EmbeddingLabelMatcher,
    ExactLabelMatcher,
    LabelMatcher,
    alias_label_matcher,
    embedding_label_matcher,
)
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError


class CaseMatcher(LabelMatcher):
    description = 'without case'

    def __init__(self):
        super().__init__()
        self.asked = []

    def compare(self, predicted, wanted):
        self.asked.append((predicted, wanted))
        return predicted.lower() == wanted.lower()


def relabelled(graph, change):
    """Return the graph with its labels changed, object by object."""
    if graph is None:
        return None
    return SceneGraph(
        graph.video_id,
        graph.height,
        graph.width,
        graph.num_frames,
        [
            SceneObject(o.id, change(o.category, i), tube=o.tube)
            for i, o in enumerate(graph.objects)
        ],
        [
            Relation(r.subject, change(r.predicate, 0), r.object, r.span, r.score)
            for r in graph.relations
        ],
    )


@pytest.mark.parametrize('protocol', ['strict', 'openpvsg'])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(videos=data_sets())
def test_labels_that_match_count_as_the_same_label(protocol, videos):
    """What differs in case alone scores as what was made lower case before."""
    truths, predictions = videos
    predictions = [graph for graph in predictions if graph is not None]
    mixed = [
        relabelled(graph, lambda label, i: label.upper() if i % 2 else label)
        for graph in truths
    ]
    shouted = [relabelled(graph, lambda label, _: label.upper()) for graph in truths]
    loud = [relabelled(graph, lambda label, _: label.upper()) for graph in predictions]
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        expected = evaluate_scene_graphs(shouted, loud, (1, 20), protocol)
        found = evaluate_scene_graphs(mixed, loud, (1, 20), protocol, CaseMatcher())
        parts = [
            part_scores(shouted, loud),
            part_scores(mixed, loud, labels=CaseMatcher()),
        ]
    for one, other in zip(expected.matches, found.matches, strict=True):
        assert one.ranks == other.ranks
    assert parts[1] == pytest.approx(parts[0], nan_ok=True) or repr(parts[0]) == repr(
        parts[1]
    )


def test_a_matcher_is_asked_once_about_each_pair():
    matcher = CaseMatcher()
    assert [matcher('Dog', 'dog') for _ in range(3)] == [True] * 3
    assert not matcher('Dog', 'cat')
    assert matcher('cat', 'cat')
    assert matcher.asked == [('Dog', 'dog'), ('Dog', 'cat')]


def test_exact_is_the_default_and_results_say_so():
    graph = SceneGraph('v', 2, 2, 1)
    assert evaluate_scene_graphs([graph], [graph]).labels == 'exact'
    assert SceneGraphMetric().labels.description == 'exact'
    metric = SceneGraphMetric(labels=dict(type='AliasLabelMatcher'))
    assert metric.labels.description == 'alias (lemmas)'
    assert not ExactLabelMatcher()('dogs', 'dog')


def test_words_of_one_lemma_match():
    matcher = AliasLabelMatcher()
    for first, second in (
        ('walking on', 'walks on'),
        ('the dogs', 'dog'),
        ('children', 'child'),
        ('tv-monitor', 'tv monitor'),
        ('in_front_of', 'in front of'),
        ('held', 'holding'),
    ):
        assert matcher(first, second), (first, second)
    assert not matcher('on', 'in')
    assert not matcher('dog', 'cat')
    assert matcher.normal_form('a') == 'a'  # an article is better than nothing


def test_synonyms_are_those_of_the_table(tmp_path):
    table = tmp_path / 'synonyms.json'
    table.write_text(json.dumps([['person', 'adult', 'men'], ['holding', 'grasp']]))
    matcher = AliasLabelMatcher(table)
    assert matcher('man', 'adults')
    assert matcher('grasping', 'hold')
    assert not matcher('adult', 'holding')
    assert matcher.description == 'alias (lemmas, synonyms.json)'


@pytest.mark.parametrize(
    ('content', 'says'),
    [
        ('{', 'not JSON'),
        ('{"a": 1}', 'expected a list of lists'),
        ('[["a"], "b"]', "entry 1 is 'b', expected a list of labels"),
        ('[[]]', r'entry 0 is \[\], expected'),
        ('[["a", 3]]', 'entry 0 is'),
        ('[["dog", "cat"], ["cats", "x"]]', "'cats' of entry 1 stands in an earlier"),
    ],
)
def test_bad_tables_are_one_line(tmp_path, content, says):
    table = tmp_path / 'synonyms.json'
    table.write_text(content)
    with pytest.raises(InputError, match=says) as caught:
        AliasLabelMatcher(table)
    assert '\n' not in str(caught.value)
    assert str(table) in str(caught.value)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(InputError, match='no such file'):
        AliasLabelMatcher(tmp_path / 'none.json')


def test_without_the_extra_there_is_a_clear_line(monkeypatch):
    for module in (alias_label_matcher, embedding_label_matcher):
        monkeypatch.setattr(module, 'find_spec', lambda name: None)
    for make in (AliasLabelMatcher, EmbeddingLabelMatcher):
        with pytest.raises(InputError, match=r'install mmfourdpsg\[openvocab\]'):
            make()


def test_embeddings_tell_like_from_unlike():
    matcher = EmbeddingLabelMatcher(0.8)
    assert matcher('couch', 'sofa')
    assert matcher('walking on', 'walks on')
    assert not matcher('dog', 'cat')
    assert not matcher('on', 'under')
    assert matcher.similarity('couch', 'sofa') == pytest.approx(0.856, abs=0.005)
    assert matcher.similarity('couch', 'couch') == pytest.approx(1, abs=1e-5)
    assert matcher.description == 'embedding (all-MiniLM-L6-v2, cosine at least 0.8)'
    assert 'sentence_transformers' not in sys.modules


def test_embeddings_refuse_what_they_cannot_use(tmp_path):
    for threshold in (0, 1.1, -0.5):
        with pytest.raises(InputError, match='above 0 and at most 1'):
            EmbeddingLabelMatcher(threshold)
    with pytest.raises(InputError, match=r'no config\.json, expected the folder'):
        EmbeddingLabelMatcher(model=tmp_path)
