import numpy as np
import pytest

from mmfourdpsg.datasets.transforms import (
    DescribeObjects,
    RandomHorizontalFlip,
)
from mmfourdpsg.datasets.transforms.describe_objects import DESCRIPTION_WORDS
from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject

HEIGHT, WIDTH = 60, 80


def _place(ids, object_id, starts, size=(11, 11)):
    """Paint an object whose upper left corner is at (row, column) in each frame."""
    for frame, start in zip(ids, starts, strict=True):
        if start is not None:
            row, column = start
            frame[row : row + size[0], column : column + size[1]] = object_id


def _results(places, sizes=None, depths=None, span=None, frames=4, **fields):
    """Return what a pipeline holds of objects 1, 2 ... at some places."""
    ids = np.zeros((frames, HEIGHT, WIDTH), np.int32)
    for number, starts in enumerate(places, start=1):
        if not isinstance(starts, list):
            starts = [starts] * frames
        _place(ids, number, starts, (sizes or {}).get(number, (11, 11)))
    results = dict(panoptic_ids=ids, frame_indices=[3 * t for t in range(frames)])
    if depths is not None:
        depth = np.full(ids.shape, depths[0], np.float32)
        for number, row in enumerate(depths[1:], start=1):
            for t in range(frames):
                far = row[t] if isinstance(row, list) else row
                depth[t][ids[t] == number] = far
        results['depth'] = depth
    objects = [
        SceneObject(n, f'thing {n}', **fields) for n in range(1, len(places) + 1)
    ]
    total = 3 * frames
    relations = []
    if len(places) > 1:
        relations = [Relation(1, 'beside', 2, span or [(0, total - 1)])]
    graph = SceneGraph('v', HEIGHT, WIDTH, total, objects, relations)
    return dict(results, scene_graph=graph, img_shape=(HEIGHT, WIDTH))


def _described(results, **options):
    graph = DescribeObjects(**options).transform(results)['scene_graph']
    texts = [item.description for item in graph.objects]
    texts += [row.reason for row in graph.relations]
    for text in texts:
        assert set(text.replace(',', '').split()) <= DESCRIPTION_WORDS
    return texts


RIGHT = [(5, 5), (5, 20), (5, 35), (5, 60)]


def test_a_mask_that_moves_right_is_moving_right():
    assert _described(_results([RIGHT])) == ['small, at the upper left, moving right']


@pytest.mark.parametrize(
    'starts, words',
    [
        (RIGHT[::-1], 'at the upper right, moving left'),
        ([(3, 34), (15, 34), (30, 34), (45, 34)], 'at the top, moving down'),
        ([(45, 34), (30, 34), (15, 34), (3, 34)], 'at the bottom, moving up'),
        ([(24, 34)] * 4, 'in the middle, at rest'),
        ([(24, 34), (24, 60), (24, 10), (24, 35)], 'in the middle, moving about'),
        ([None, None, (24, 34), (24, 34)], 'in the middle, at rest, appearing later'),
        ([(24, 34), (24, 34), None, None], 'in the middle, at rest, leaving'),
    ],
)
def test_place_and_motion(starts, words):
    assert _described(_results([starts])) == [f'small, {words}']


def test_flipping_the_frames_flips_the_words():
    results = _results([RIGHT, (5, 5)], sizes={2: (50, 4)})
    before = _described(dict(results))
    flipped = RandomHorizontalFlip(prob=1).transform(dict(results))
    after = _described(flipped)
    mirror = dict(left='right', right='left')
    assert 'right' in before[0] and 'left' in before[1]
    assert after == [
        ', '.join(
            ' '.join(mirror.get(word, word) for word in phrase.split())
            for phrase in text.split(', ')
        )
        for text in before
    ]


def test_what_hides_a_part_of_a_thing_does_not_move_it():
    # The second comes from the right and covers half of the first.
    passing = [(20, 60), (20, 50), (20, 40), (20, 36)]
    first, *_ = _described(_results([(24, 28), passing], sizes={2: (20, 12)}))
    assert first == 'small, in the middle, at rest'


def test_what_enters_at_the_edge_is_moving_though_it_grows():
    ids_right = [(24, 76), (24, 72), (24, 68), (24, 60)]
    text = _described(_results([ids_right]))[0]
    assert text.endswith('at the right, moving left')


@pytest.mark.parametrize(
    'side, word', [(3, 'tiny'), (10, 'small'), (20, 'medium-sized'), (40, 'large')]
)
def test_sizes(side, word):
    results = _results([(8, 8)], sizes={1: (side, side)})
    assert _described(results)[0].split(', ')[0] == word


def test_what_fills_the_image_is_huge_and_has_no_place():
    assert _described(_results([(0, 0)], sizes={1: (60, 60)})) == ['huge']


def test_thresholds_are_options():
    results = _results([RIGHT])
    text = _described(
        dict(results), objects=dict(sizes=(0.001, 0.01, 0.02, 0.5), moves=0.9)
    )
    assert text == ['large, at the upper left, at rest']


def test_near_and_far_are_beside_the_median_of_the_scene():
    results = _results([(5, 5), (24, 34), (40, 60)], depths=[2.0, 1.0, 2.1, 4.0])
    near, middle, far, _ = _described(results)
    assert near == 'small, at the upper left, near, at rest'
    assert middle == 'small, in the middle, at rest'
    assert far == 'small, at the lower right, far away, at rest'


def test_depth_that_changes_is_motion():
    closer = _results([(24, 34)], depths=[2.0, [2.0, 1.9, 1.8, 1.7]])
    away = _results([(24, 34)], depths=[2.0, [1.7, 1.8, 1.9, 2.0]])
    assert _described(closer) == ['small, in the middle, coming closer']
    assert _described(away) == ['small, in the middle, going away']


def test_unknown_depth_is_no_depth():
    results = _results([(24, 34)], depths=[0.0, 0.0])
    assert _described(results) == ['small, in the middle, at rest']
    results = _results([(24, 34)], depths=[2.0, [0.0, 1.0, 1.0, 0.0]])
    assert _described(results) == ['small, in the middle, near, at rest']


def test_masks_that_adjoin_at_one_depth_touch():
    places = [(10, 30), (21, 30)]
    assert _described(_results(places, depths=[2.0, 1.0, 1.0]))[2] == (
        'they touch, the first is above'
    )
    # Without depth, or at another one, they may be far from each other.
    assert _described(_results(places))[2] == 'they adjoin, the first is above'
    assert _described(_results(places, depths=[2.0, 1.0, 1.5]))[2] == (
        'they adjoin, the first is in front'
    )
    assert _described(_results(places, depths=[2.0, 1.5, 1.0]))[2] == (
        'they adjoin, the first is behind'
    )


@pytest.mark.parametrize(
    'first, second, words',
    [
        ((20, 20), (20, 36), 'close together, the first is at the left'),
        ((20, 36), (20, 20), 'close together, the first is at the right'),
        ((40, 30), (10, 30), 'apart, the first is below'),
    ],
)
def test_places_of_a_pair(first, second, words):
    assert _described(_results([first, second]))[2] == words


def test_what_is_all_around_surrounds():
    results = _results([(5, 5), (20, 30)], sizes={1: (50, 70)}, depths=[2.0, 1.0, 1.0])
    assert _described(results)[2] == 'they touch, the first surrounds the second'


@pytest.mark.parametrize(
    'first, second, words',
    [
        (RIGHT, (5, 65), 'the first moves toward the second'),
        ((5, 65), RIGHT, 'the second moves toward the first'),
        (RIGHT[::-1], (20, 65), 'the first moves away from the second'),
        (RIGHT, [(20, column) for _, column in RIGHT], 'they move together'),
        (
            [(5, 5), (5, 10), (5, 15), (5, 20)],
            [(5, 65), (5, 60), (5, 55), (5, 50)],
            'they move toward each other',
        ),
    ],
)
def test_motion_of_a_pair(first, second, words):
    assert _described(_results([first, second]))[2].split(', ')[1] == words


def test_a_reason_is_of_the_span():
    still, moving = [(5, 5)] * 3, [(5, 20), (5, 35), (5, 60)]
    results = _results(
        [(40, 40), still + moving], frames=6, span=[(0, 6)], sizes={1: (5, 5)}
    )
    assert 'move' not in _described(dict(results))[2]
    results = _results([(40, 40), still + moving], frames=6, span=[(9, 17)])
    assert 'the second moves' in _described(results)[2]


def test_a_span_between_the_sampled_frames_takes_the_closest_one():
    early = _results([(5, 5), [(5, 16), (5, 60), (5, 60), (5, 60)]], span=[(1, 1)])
    late = _results([(5, 5), [(5, 16), (5, 60), (5, 60), (5, 60)]], span=[(10, 10)])
    assert _described(early)[2].startswith('they adjoin')
    assert _described(late)[2].startswith('apart')


def test_boxes_speak_where_there_are_no_masks():
    objects = [
        SceneObject(4, 'man', boxes={0: (0, 0, 20, 55)}),
        SceneObject(5, 'hat', boxes={0: (5, 0, 15, 8)}),
        SceneObject(6, 'dog', boxes={0: (60, 40, 75, 55)}),
    ]
    relations = [Relation(4, 'wearing', 5, [(0, 0)]), Relation(6, 'at', 4, [(0, 0)])]
    graph = SceneGraph('v', HEIGHT, WIDTH, 1, objects, relations)
    assert _described(dict(scene_graph=graph)) == [
        'large, at the left',
        'small, at the upper left',
        'medium-sized, at the lower right',
        'they overlap, the first surrounds the second',
        'apart, the first is at the right',
    ]


def test_tubes_speak_as_loaded_masks_do():
    results = _results([RIGHT, (40, 40)], depths=[2.0, 1.0, 1.5])
    graph = results['scene_graph']
    objects = [
        SceneObject(
            item.id,
            item.category,
            tube=MaskTube.from_masks(
                {
                    frame: ids == item.id
                    for frame, ids in zip(
                        results['frame_indices'], results['panoptic_ids'], strict=True
                    )
                },
                HEIGHT,
                WIDTH,
            ),
        )
        for item in graph.objects
    ]
    tubes = SceneGraph('v', HEIGHT, WIDTH, 12, objects, graph.relations)
    with_masks = _described(dict(results))
    del results['panoptic_ids']
    assert _described(dict(results, scene_graph=tubes)) == with_masks
    # Without frames: those that the tubes have, and no depth.
    assert _described(dict(scene_graph=tubes))[0] == (
        'small, at the upper left, moving right'
    )


def test_of_what_nothing_is_known_nothing_is_said():
    objects = [SceneObject(1, 'man'), SceneObject(2, 'dog')]
    graph = SceneGraph('v', 1, 1, 9, objects, [Relation(1, 'feeding', 2, [(0, 3)])])
    assert _described(dict(scene_graph=graph)) == ['', '', '']
    assert DescribeObjects().transform(dict(rgb=None)) == dict(rgb=None)


def test_an_object_that_no_sampled_frame_shows_has_its_attributes_alone():
    results = _results([(5, 5), None], attributes=('Red',))
    graph = DescribeObjects().transform(results)['scene_graph']
    assert [item.description for item in graph.objects] == [
        'red, small, at the upper left, at rest',
        'red',
    ]
    assert graph.relations[0].reason == ''


def test_attributes_come_first_cleaned_and_never_name_the_category():
    item = SceneObject(
        1,
        'wine glass',
        attributes=('Crème; [Obj]', '红色的', 'full of wine', 'tall', 'x'),
    )
    graph = DescribeObjects().transform(
        dict(scene_graph=SceneGraph('v', 6, 8, 1, [item]))
    )['scene_graph']
    assert graph.objects[0].description == 'crème obj, 红色的'


def test_what_is_said_already_follows_and_a_reason_stays():
    results = _results([(5, 5), (24, 34)], description='It waves; (smiling)!')
    results['scene_graph'].relations[0].reason = 'the first waves at the second.'
    graph = DescribeObjects().transform(results)['scene_graph']
    assert graph.objects[0].description == (
        'small, at the upper left, at rest, it waves smiling'
    )
    assert graph.relations[0].reason == 'the first waves at the second'


def test_the_graph_of_the_data_set_stays_as_it_is():
    results = _results([RIGHT, (24, 34)])
    before = results['scene_graph']
    DescribeObjects().transform(results)
    assert [item.description for item in before.objects] == ['', '']
    assert [row.reason for row in before.relations] == ['']
    assert results['scene_graph'] is not before


def test_ids_that_are_colours_are_told_apart():
    results = _results([RIGHT])
    results['panoptic_ids'][results['panoptic_ids'] == 1] = 16_000_001
    graph = results['scene_graph']
    results['scene_graph'] = SceneGraph(
        'v', HEIGHT, WIDTH, 12, [SceneObject(16_000_001, graph.objects[0].category)]
    )
    assert _described(results) == ['small, at the upper left, moving right']


def test_sizes_that_do_not_ascend_are_refused():
    with pytest.raises(ValueError, match='four ascending'):
        DescribeObjects(objects=dict(sizes=(0.5, 0.1, 0.2, 0.3)))
