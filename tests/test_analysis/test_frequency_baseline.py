import pytest

from mmfourdpsg.analysis.frequency_baseline import FrequencyBaseline
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject


def _graph(categories, rows, num_frames=4):
    objects = [SceneObject(i, name) for i, name in enumerate(categories)]
    relations = [Relation(s, p, o, [(1, 2)]) for s, p, o in rows]
    return SceneGraph('v', 2, 2, num_frames, objects, relations)


def test_scores_are_the_rates_of_training_pairs():
    training = [
        _graph(['cup', 'table'], [(0, 'on', 1)]),
        _graph(['cup', 'table'], [(0, 'on', 1), (0, 'sliding on', 1)]),
        _graph(['cup', 'cup', 'table'], [(0, 'on', 2), (0, 'next to', 1)]),
    ]
    test = _graph(['cup', 'table'], [(1, 'under', 0)], num_frames=7)
    graph = FrequencyBaseline().fit(training).predict(test)
    found = {(r.subject, r.predicate, r.object): r for r in graph.relations}
    # Four cup-table pairs were seen: three on, one sliding on.
    assert found[0, 'on', 1].score == pytest.approx(3 / 4)
    assert found[0, 'sliding on', 1].score == pytest.approx(1 / 4)
    assert set(found) == {(0, 'on', 1), (0, 'sliding on', 1)}
    assert all(row.span == [(0, 6)] for row in graph.relations)
    assert [row.predicate for row in graph.relations] == ['on', 'sliding on']


def test_unknown_pairs_fall_back_to_subject_then_object_then_all():
    training = [_graph(['cup', 'table'], [(0, 'on', 1)])]
    model = FrequencyBaseline(discount=0.1).fit(training)
    (known_subject,) = model.predict(_graph(['cup', 'shelf'], [])).relations[:1]
    assert (known_subject.subject, known_subject.predicate) == (0, 'on')
    assert known_subject.score == pytest.approx(0.1)
    known_object = model.predict(_graph(['pen', 'table'], [])).relations
    found = {(r.subject, r.predicate, r.object): r.score for r in known_object}
    # No pair with a pen: what holds onto tables, and the table as subject holds none.
    assert found == {(0, 'on', 1): pytest.approx(0.1)}
    unknown = model.predict(_graph(['pen', 'shelf'], [])).relations
    assert [row.score for row in unknown] == pytest.approx([0.005, 0.005])


def test_only_the_best_are_kept():
    graph = _graph(['a'] * 5, [(0, 'on', 1)])
    assert (
        len(FrequencyBaseline(max_relations=3).fit([graph]).predict(graph).relations)
        == 3
    )


def test_without_training_nothing_is_known():
    graph = _graph(['cup', 'table'], [(0, 'on', 1)])
    assert FrequencyBaseline().fit([]).predict(graph).relations == []
    assert FrequencyBaseline().predict(graph).relations == []
