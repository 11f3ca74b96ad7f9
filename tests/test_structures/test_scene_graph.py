import numpy as np
import pytest

from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError


def _objects(count=3):
    return [SceneObject(i, f' Thing {i} ') for i in range(count)]


ROWS = [
    Relation(0, ' On ', 1, [[3, 4]], 0.2),
    Relation(1, 'on', 0, [[0, 0]]),
    Relation(0, 'on', 1, [[0, 1], [5, 5]], 0.7),
]


def test_repeated_triplets_stay_as_given():
    graph = SceneGraph('v', 2, 2, 9, _objects(), ROWS)
    assert graph.relations == ROWS
    assert graph.object_by_id(2).category == 'thing 2'


def test_united_triplets_have_the_union_of_spans_and_the_best_score():
    graph = SceneGraph('v', 2, 2, 9, _objects(), ROWS).unite_relations()
    assert [(r.predicate, r.span, r.score) for r in graph.relations] == [
        ('on', [(0, 1), (3, 5)], 0.7),
        ('on', [(0, 0)], None),
    ]


def test_united_triplets_have_their_first_reason():
    rows = [
        Relation(0, 'on', 1, [(frame, frame)], reason=reason)
        for frame, reason in enumerate(('', 'they touch', 'apart'))
    ]
    graph = SceneGraph('v', 2, 2, 9, _objects(), rows).unite_relations()
    assert [row.reason for row in graph.relations] == ['they touch']


def test_relations_with_oneself_are_dropped_and_counted():
    rows = [Relation(0, 'on', 0, [[0, 0]]), Relation(1, 'on', 1, [[0, 0]])]
    with pytest.warns(UserWarning, match='dropped 2 relation'):
        graph = SceneGraph('v', 2, 2, 1, _objects(), rows)
    assert graph.relations == []


def test_selecting_objects_keeps_relations_among_them():
    rows = [Relation(0, 'on', 1, [[0, 0]]), Relation(1, 'on', 2, [[0, 0]])]
    graph = SceneGraph('v', 2, 2, 1, _objects(), rows).select_objects([0, 1])
    assert [item.id for item in graph.objects] == [0, 1]
    assert graph.relations == rows[:1]


_big = MaskTube.from_masks({0: np.ones((3, 2), bool)}, 3, 2)


@pytest.mark.parametrize(
    ('changes', 'says'),
    [
        (dict(num_frames=0), 'must all be at least 1'),
        (dict(objects=[SceneObject(1, 'a'), SceneObject(1, 'b')]), 'two objects'),
        (dict(objects=[SceneObject(1, ' ')]), 'empty category'),
        (dict(objects=[SceneObject(1, 'a', score=float('nan'))]), 'finite'),
        (dict(objects=[SceneObject(1, 'a', tube=_big)]), 'tube of 3 x 2, expected 2 x'),
        (dict(relations=[Relation(0, 'on', 9, [[0, 0]])]), 'unknown object 9'),
        (dict(relations=[Relation(9, 'on', 0, [[0, 0]])]), 'unknown subject 9'),
        (dict(relations=[Relation(0, ' ', 1, [[0, 0]])]), 'empty predicate'),
        (dict(relations=[Relation(0, 'on', 1, [])]), 'empty span'),
        (
            dict(relations=[Relation(0, 'on', 1, [[0, 0]], float('inf'))]),
            'score inf',
        ),
    ],
)
def test_what_is_no_graph_is_refused(changes, says):
    good = dict(num_frames=1, objects=_objects(), relations=[])
    SceneGraph('v', 2, 2, **good)
    with pytest.raises(InputError, match=f"video 'v': .*{says}"):
        SceneGraph('v', 2, 2, **{**good, **changes})
