import numpy as np

from mmfourdpsg.datasets.transforms import OrderObjects
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject


def _results():
    ids = np.zeros((2, 6, 10), np.int32)
    ids[0, :2, 6:9] = 4  # to the right at first
    ids[1, :2, 0:2] = 4  # and far left later, which does not count
    ids[0, 3:, 2:5] = 90  # centroid in column 3
    ids[1, 4, 1] = 7  # seen in the second frame alone, in column 1
    ids[0, 5, 9] = 90  # one more pixel moves the centroid to 3.6
    objects = [SceneObject(i, f'thing {i}') for i in (5, 4, 90, 7, 6)]
    relations = [Relation(4, 'on', 90, [(0, 1)])]
    graph = SceneGraph('v', 6, 10, 2, objects, relations)
    return dict(scene_graph=graph, panoptic_ids=ids)


def test_objects_go_from_left_to_right_and_unseen_ones_last():
    results = _results()
    before = results['scene_graph']
    after = OrderObjects().transform(results)['scene_graph']
    # 5 and 6 are never seen and stay in their order.
    assert [item.id for item in after.objects] == [7, 90, 4, 5, 6]
    assert [item.id for item in before.objects] == [5, 4, 90, 7, 6]
    assert after.relations == before.relations
    assert (after.video_id, after.height, after.width) == ('v', 6, 10)


def test_objects_go_by_category_and_from_left_to_right_within():
    results = _results()
    graph = results['scene_graph']
    names = {5: 'cup', 4: 'ball', 90: 'ball', 7: 'cup', 6: 'apple'}
    results['scene_graph'] = SceneGraph(
        'v', 6, 10, 2, [SceneObject(item.id, names[item.id]) for item in graph.objects]
    )
    after = OrderObjects(by_category=True).transform(results)['scene_graph']
    assert [item.id for item in after.objects] == [6, 90, 4, 7, 5]


def test_mirroring_reverses_what_is_seen():
    results = _results()
    results['panoptic_ids'] = np.flip(results['panoptic_ids'], axis=2)
    after = OrderObjects().transform(results)['scene_graph']
    assert [item.id for item in after.objects] == [4, 90, 7, 5, 6]


def test_boxes_order_where_no_masks_are_loaded():
    boxes = {1: (8.0, 0.0, 9.0, 3.0), 2: (0.0, 0.0, 4.0, 5.0), 3: (2.0, 1.0, 4.0, 2.0)}
    objects = [SceneObject(i, 'cup', boxes={0: boxes[i]}) for i in (1, 3, 2)]
    # Without a box: last, as annotated.
    objects[1:1] = [SceneObject(8, 'cup'), SceneObject(5, 'ball')]
    results = dict(scene_graph=SceneGraph('v', 6, 10, 1, objects))
    after = OrderObjects().transform(dict(results))['scene_graph']
    assert [item.id for item in after.objects] == [2, 3, 1, 8, 5]
    after = OrderObjects(by_category=True).transform(dict(results))['scene_graph']
    assert [item.id for item in after.objects] == [5, 2, 3, 1, 8]


def test_objects_are_ordered_by_their_first_box():
    boxes = {4: (0.0, 0.0, 1.0, 1.0), 2: (6.0, 0.0, 8.0, 1.0)}
    objects = [
        SceneObject(1, 'cup', boxes=boxes),
        SceneObject(2, 'cup', boxes={3: (2.0, 0.0, 4.0, 1.0)}),
    ]
    results = dict(scene_graph=SceneGraph('v', 6, 10, 5, objects))
    after = OrderObjects().transform(results)['scene_graph']
    assert [item.id for item in after.objects] == [2, 1]


def test_without_graph_nothing_happens():
    assert OrderObjects().transform(dict(rgb=None)) == dict(rgb=None)
