import os
import pickle

import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.datasets import ActionGenomeDataset
from mmfourdpsg.datasets.restricted_pickle import load_pickle
from mmfourdpsg.utils import InputError


def thing(category, bbox, attention=(), spatial=(), contact=(), subset='train'):
    return {
        'class': category,
        'bbox': bbox,
        'attention_relationship': attention,
        'spatial_relationship': spatial,
        'contacting_relationship': contact,
        'metadata': dict(tag='x', set=subset),
        'visible': bbox is not None,
    }


@pytest.fixture
def ag(tmp_path):
    objects = {
        # Not in the order of time.
        'AAA.mp4/000120.png': [
            thing('cup/glass/bottle', (4, 5, 6, 7), ['looking_at'], ['in_front_of']),
            thing('sofa/couch', None, None, None, None),
        ],
        'AAA.mp4/000009.png': [
            thing('sofa/couch', (0, 1, 9, 8), ['not_looking_at'], [], ['sitting_on']),
            thing('cup/glass/bottle', (1, 2, 3, 4), ['looking_at'], [], ['holding']),
        ],
        'AAA.mp4/000300.png': [
            thing('sofa/couch', (0, 1, 9, 8), ['unsure'], ['beneath'], ['sitting_on']),
            thing('cup/glass/bottle', None, None, None, None),
        ],
        'BBB.mp4/000001.png': [thing('door', (1, 1, 2, 2), ['unsure'], subset='test')],
        'BBB.mp4/000002.png': [thing('door', (1, 1, 2, 2), ['unsure'], subset='test')],
    }
    people = {
        key: dict(
            bbox=np.array([[1, 2, 30, 40], [0, 0, 1, 1]], np.float32),
            bbox_score=np.array([0.9, 0.3], np.float32),
            bbox_size=(48, 27),
            bbox_mode='xyxy',
        )
        for key in objects
    }
    people['AAA.mp4/000120.png']['bbox'] = np.zeros((0, 4), np.float32)
    (tmp_path / 'annotations').mkdir()

    def write(protocol=4):
        for name, content in (
            ('object_bbox_and_relationship', objects),
            ('person_bbox', people),
        ):
            path = tmp_path / f'annotations/{name}.pkl'
            path.write_bytes(pickle.dumps(content, protocol=protocol))
        return tmp_path

    write()
    for index, key in enumerate(objects):
        path = tmp_path / 'frames' / key
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((27, 48, 3), 10 * index, np.uint8)).save(path)
    return objects, people, write


def build(root, split='all', pipeline=(), **options):
    return ActionGenomeDataset(
        data_root=str(root), split=split, pipeline=list(pipeline), **options
    )


@pytest.mark.parametrize('protocol', [2, 3, 4, 5])
def test_frames_are_the_annotated_ones_in_order(ag, protocol):
    item = build(ag[2](protocol), 'train')[0]
    graph = item['scene_graph']
    assert (graph.video_id, graph.num_frames) == ('AAA.mp4', 3)
    assert (graph.height, graph.width) == (27, 48)
    assert item['rgb_names'] == ['000009.png', '000120.png', '000300.png']
    assert [(o.id, o.category, o.boxes) for o in graph.objects] == [
        # The image has 27 rows.
        (1, 'person', {0: (1, 2, 30, 27), 2: (1, 2, 30, 27)}),
        (2, 'sofa/couch', {0: (0, 1, 9, 9), 2: (0, 1, 9, 9)}),
        (3, 'cup/glass/bottle', {0: (1, 2, 4, 6), 1: (4, 5, 10, 12)}),
    ]


def test_a_box_without_area_costs_no_object(ag):
    objects, people, write = ag
    # Of the first frame no size is known.
    del people['AAA.mp4/000009.png']
    objects['AAA.mp4/000009.png'][0]['bbox'] = (40, 20, 100, 100)
    objects['AAA.mp4/000300.png'][0]['bbox'] = (60, 1, 9, 8)
    with pytest.warns(UserWarning, match='1 boxes without area in the image left'):
        graph = build(write(), 'train')[0]['scene_graph']
    assert (graph.height, graph.width) == (27, 48)
    assert [item.boxes for item in graph.objects] == [
        {2: (1, 2, 30, 27)},
        {0: (40, 20, 48, 27)},
        {0: (1, 2, 4, 6), 1: (4, 5, 10, 12)},
    ]
    found = {(r.subject, r.predicate): r.span for r in graph.relations}
    assert found[1, 'sitting on'] == [(0, 0), (2, 2)]


def test_direction_follows_the_type_and_spans_the_frames(ag):
    graph = build(ag[2](), 'train')[0]['scene_graph']
    found = {(r.subject, r.predicate, r.object): r.span for r in graph.relations}
    assert found == {
        (1, 'not looking at', 2): [(0, 0)],
        (1, 'unsure', 2): [(2, 2)],
        (2, 'beneath', 1): [(2, 2)],
        (1, 'sitting on', 2): [(0, 0), (2, 2)],
        (1, 'looking at', 3): [(0, 1)],
        (3, 'in front of', 1): [(1, 1)],
        (1, 'holding', 3): [(0, 0)],
    }


def test_splits_are_those_published_and_filters_of_others_are_options(ag):
    root = ag[2]()
    assert [row['video_id'] for row in build(root, 'test')] == ['BBB.mp4']
    assert [row['video_id'] for row in build(root)] == ['AAA.mp4', 'BBB.mp4']
    with pytest.warns(UserWarning, match='1 frames without a person left out'):
        dataset = build(root, 'train', require_person=True)
    assert dataset[0]['rgb_names'] == ['000009.png', '000300.png']
    with pytest.warns(UserWarning, match='1 videos with too few frames left out'):
        assert len(build(root, min_frames=3)) == 1


def test_frames_are_read_by_name(ag):
    load = [dict(type='SampleFrames', num_frames=3), dict(type='LoadRGBFrames')]
    item = build(ag[2](), 'train', load)[0]
    # The files in the order of the pickle are 120, 9 and 300.
    assert item['rgb'][:, 0, 0, 0].tolist() == [10, 0, 20]


class Attack:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


class Call:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize('name', ['object_bbox_and_relationship', 'person_bbox'])
def test_malicious_pickles_run_nothing(ag, tmp_path, name):
    root = ag[2]()
    made = tmp_path / 'made'
    path = root / f'annotations/{name}.pkl'
    path.write_bytes(pickle.dumps({'AAA.mp4/000009.png': Attack(made)}))
    with pytest.raises(InputError, match=rf'{name}\.pkl: is damaged or unsafe \(names'):
        build(root)
    assert not made.exists()


@pytest.mark.parametrize(
    'call',
    [
        Call(eval, '1'),
        Call(getattr, 'a', 'b'),
        Call(np.ndarray, (2**40,)),
        Call(bytearray, 2**40),
        Call(bytes, 2**40),
        Call(np.load, 'x', None, True),
        Call(print),
    ],
)
def test_pickles_name_nothing_beyond_the_list(tmp_path, call):
    path = tmp_path / 'a.pkl'
    path.write_bytes(pickle.dumps([call]))
    with pytest.raises(InputError, match='damaged or unsafe'):
        load_pickle(path)


@pytest.mark.parametrize('protocol', range(6))
def test_harmless_pickles_are_read(tmp_path, protocol):
    content = dict(
        a=np.arange(6, dtype=np.float32).reshape(2, 3),
        b=[1, 2.5, None, True, 'ä', b'\x00\xff', (1, 2)],
        c={3, 4},
        d=np.float32(1.5),
        e=np.zeros((0, 4)),
        f=np.asfortranarray(np.arange(4).reshape(2, 2)),
    )
    path = tmp_path / 'a.pkl'
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    found = load_pickle(path)
    for key in 'aef':
        np.testing.assert_array_equal(found[key], content[key])
        assert found[key].dtype == content[key].dtype
    assert {k: found[k] for k in 'bcd'} == {k: content[k] for k in 'bcd'}


def test_bad_annotations_are_named(ag):
    objects, people, write = ag
    people['AAA.mp4/000009.png']['bbox'] = np.full((1, 4), np.nan)
    with pytest.raises(InputError, match=r'person_bbox\.pkl: AAA\.mp4/000009\.png'):
        build(write())
    people['AAA.mp4/000009.png']['bbox'] = np.ones((1, 4))
    objects['AAA.mp4/000009.png'][0]['bbox'] = (1, 2, 3)
    with pytest.raises(InputError, match=r'000009\.png\[0\]\.bbox: expected four'):
        build(write())
    objects['AAA.mp4/000009.png'][0].pop('class')
    with pytest.raises(InputError, match=r"000009\.png\[0\]: expected the key 'class'"):
        build(write())
    objects['../000001.png'] = objects.pop('BBB.mp4/000001.png')
    with pytest.raises(InputError, match='below the data root'):
        build(write())
    path = write() / 'annotations/person_bbox.pkl'
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match=r'person_bbox\.pkl: is damaged'):
        build(path.parents[1])


def test_export_is_the_graph(ag, exported):
    graphs = exported('ag', ag[2](), 'train')
    expected = build(ag[2](), 'train')[0]['scene_graph']
    assert graphs == [expected]


def test_config_gives_clips_of_rgb(ag, from_config):
    item = from_config('ag', ag[2]())[0]
    assert item['inputs']['rgb'].shape[:2] == (3, 3)
    assert not item['inputs']['depth'].any()
    assert item['data_samples'].frame_indices == [0, 1, 2]
