import math
from collections import Counter

import pytest

from mmfourdpsg.datasets.annotation_file import AnnotationFile
from mmfourdpsg.datasets.scene_graph_builder import SceneGraphBuilder, cut_box
from mmfourdpsg.structures import Relation, SceneObject
from mmfourdpsg.utils import InputError


@pytest.fixture
def annotation(tmp_path):
    (tmp_path / 'a.json').write_text('{}')
    return AnnotationFile(tmp_path / 'a.json')


@pytest.mark.parametrize(
    ('box', 'expected'),
    [
        ((1, 2, 3, 4), (1, 2, 3, 4)),
        ((-2, -1, 38, 49), (0, 0, 20, 10)),
        ((0, 0, 20, 10), (0, 0, 20, 10)),
        ((19.5, 9.5, 21, 11), (19.5, 9.5, 20, 10)),
        # Beside, above, on the edge, without width, without height, turned round.
        ((20, 0, 25, 5), None),
        ((3, -9, 5, -1), None),
        ((-5, 2, 0, 8), None),
        ((4, 2, 4, 8), None),
        ((4, 2, 8, 2), None),
        ((8, 2, 4, 8), None),
        ((math.nan, 2, 4, 8), None),
        ((1, 2, math.inf, 8), None),
    ],
)
def test_a_box_is_cut_to_the_image(box, expected):
    assert cut_box(box, (10, 20)) == expected


def test_a_box_in_an_image_of_unknown_size_is_cut_above_and_on_the_left_alone():
    assert cut_box((-2, 3, 400, 500), (1, 1)) == (0, 3, 400, 500)
    assert cut_box((3, 3, 3, 500), (1, 1)) is None


def build(annotation, relations, objects=None, frames=4, **options):
    counts = Counter()
    builder = SceneGraphBuilder(counts, **options)
    if objects is None:
        boxes = {0: (-1, 1, 5, 5), 2: (9, 9, 9, 12)}
        objects = [
            SceneObject(1, 'cup', boxes=boxes),
            SceneObject(2, 'lid', boxes={0: (30, 1, 40, 2)}),
            SceneObject(3, 'hand'),
        ]
    graph = builder.build(
        annotation, 'data[3]', 'a', frames, objects, relations, (9, 9)
    )
    return graph, dict(counts)


def test_what_is_left_out_is_counted(annotation):
    relations = [
        Relation(1, 'near', 2, [(0, 9)]),
        Relation(1, 'on', 3, [(7, 9)]),
        Relation(1, 'on', 1, [(0, 1)]),
        Relation(8, 'on', 3, [(0, 1)]),
    ]
    graph, counts = build(annotation, relations)
    assert [item.boxes for item in graph.objects] == [{0: (0, 1, 5, 5)}, {}, None]
    assert [(r.subject, r.object, r.span) for r in graph.relations] == [
        (1, 2, [(0, 3)])
    ]
    assert counts == {
        'boxes without area in the image left out': 2,
        'spans cut at the end of their video': 2,
        'relations of an object with itself dropped': 1,
        'relations of an object that is not there left out': 1,
    }


def test_objects_that_only_a_box_could_show_go_with_their_relations(annotation):
    relations = [Relation(1, 'near', 2, [(0, 1)]), Relation(3, 'on', 1, [(0, 1)])]
    graph, counts = build(annotation, relations, needs_boxes=True)
    assert [item.id for item in graph.objects] == [1]
    assert graph.relations == []
    assert counts == {
        'boxes without area in the image left out': 2,
        'objects without a box left out': 2,
        'relations of an object without a box left out': 2,
    }


def test_a_strict_data_set_refuses_a_dangling_relation_alone(annotation):
    good = [Relation(1, 'near', 2, [(0, 9)]), Relation(1, 'on', 1, [(0, 1)])]
    graph, _ = build(annotation, good, strict=True)
    assert len(graph.relations) == 1
    message = (
        r"a\.json: data\[3\]: relation \(8, 'on', 7\) names the unknown object 7, 8, "
        'expected what is listed'
    )
    with pytest.raises(InputError, match=message):
        build(annotation, [*good, Relation(8, 'on', 7, [(0, 1)])], strict=True)


def test_rows_that_repeat_a_triplet_are_one_relation(annotation):
    rows = [Relation(1, 'near', 2, [(0, 0)]), Relation(1, 'near', 2, [(2, 3)])]
    graph, _ = build(annotation, rows)
    assert [row.span for row in graph.relations] == [[(0, 0), (2, 3)]]
