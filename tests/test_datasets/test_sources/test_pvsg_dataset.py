import json

import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.datasets import PVSGDataset
from mmfourdpsg.utils import InputError


def video(video_id, num_frames=4, relations=None, captions=()):
    return dict(
        video_id=video_id,
        meta=dict(height=5, width=6, fps=5, duration=1, num_frames=num_frames),
        objects=[
            dict(object_id=9, category='Adult', is_thing=True, status=['moving']),
            dict(object_id=2, category='floor', is_thing=False, status=[]),
        ],
        relations=relations,
        captions=captions,
        qa_pairs=[],
        summary='',
    )


@pytest.fixture
def pvsg(tmp_path):
    content = dict(
        objects=dict(thing=['adult'], stuff=['floor']),
        relations=['on', 'walking on'],
        split=dict(
            vidor=dict(train=['v1'], val=['v2']),
            epic_kitchen=dict(train=['P01'], val=[]),
            ego4d=dict(train=[], val=['e1']),
        ),
        data=[
            video('v1', relations=[[9, 2, 'walking on', [[2, 3], [0, 1], [1, 9]]]]),
            video('v2'),
            video('P01', relations=[[9, 2, 'on', [[5, 8]]], [9, 9, 'on', [[0, 1]]]]),
            video('e1', relations=[]),
        ],
    )
    ids = np.full((5, 6), 2, np.uint8)
    ids[1:3, 1:3], ids[4] = 9, 0
    palette = np.random.default_rng(0).integers(0, 255, 768).tolist()
    sources = dict(v1='vidor', v2='vidor', P01='epic_kitchen', e1='ego4d')
    for name, source in sources.items():
        for kind in ('frames', 'masks'):
            (tmp_path / source / kind / name).mkdir(parents=True)
        for frame in range(4):
            image = Image.fromarray(np.roll(ids, frame, axis=1), mode='P')
            image.putpalette(palette)
            image.save(tmp_path / source / f'masks/{name}/{frame:04d}.png')
            colours = Image.fromarray(np.zeros((5, 6, 3), np.uint8))
            colours.save(tmp_path / source / f'frames/{name}/{frame:04d}.png')

    def write():
        (tmp_path / 'pvsg.json').write_text(json.dumps(content))
        return str(tmp_path)

    return content, write, ids


def build(root, split='train', pipeline=(), **options):
    return PVSGDataset(data_root=root, split=split, pipeline=list(pipeline), **options)


@pytest.mark.filterwarnings('ignore:.*spans cut')
def test_splits_are_those_of_all_sources_or_of_one(pvsg):
    root = pvsg[1]()
    found = {
        split: [row['video_id'] for row in build(root, split)]
        for split in ('train', 'val', 'vidor', 'vidor/val', 'all')
    }
    assert found == {
        'train': ['v1', 'P01'],
        'val': ['v2', 'e1'],
        'vidor': ['v1', 'v2'],
        'vidor/val': ['v2'],
        'all': ['v1', 'v2', 'P01', 'e1'],
    }


def test_spans_are_sorted_merged_and_cut(pvsg):
    with pytest.warns(UserWarning, match='1 spans cut') as caught:
        graph = build(pvsg[1](), 'vidor/train')[0]['scene_graph']
    assert len(caught) == 1
    assert [(r.subject, r.object, r.span) for r in graph.relations] == [
        (9, 2, [(0, 3)])
    ]
    assert [(o.id, o.category, o.is_thing) for o in graph.objects] == [
        (9, 'adult', True),
        (2, 'floor', False),
    ]


def test_what_is_left_out_is_counted(pvsg):
    message = '1 spans cut at the end .*, 1 relations of an object with itself dropped'
    with pytest.warns(UserWarning, match=message):
        dataset = build(pvsg[1](), 'epic_kitchen')
    assert dataset[0]['scene_graph'].relations == []


@pytest.mark.filterwarnings('ignore:.*cut')
def test_indices_of_palette_images_are_object_ids(pvsg):
    load = [
        dict(type='SampleFrames', num_frames=2),
        dict(type='LoadRGBFrames'),
        dict(type='LoadPanopticMasks'),
    ]
    item = build(pvsg[1](), pipeline=load)[0]
    expected = [np.roll(pvsg[2], frame, axis=1) for frame in item['frame_indices']]
    assert (item['panoptic_ids'] == expected).all()
    everything = build(
        pvsg[1](), pipeline=[dict(type='LoadPanopticMasks', frames='all')]
    )
    tube = everything[0]['scene_graph'].object_by_id(9).tube
    assert [
        (tube.decode(t) == (np.roll(pvsg[2], t, axis=1) == 9)).all() for t in range(4)
    ]


def test_bad_annotations_are_named(pvsg):
    content, write, _ = pvsg
    for change, message in (
        (lambda: content['data'][0]['relations'].append([9, 77, 'on', [[0, 1]]]), '77'),
        (
            lambda: content['data'][0]['relations'].append([9, 2, 'on', [[3, 1]]]),
            r'\[1\]: range',
        ),
        (lambda: content['split']['vidor']['train'].append('nobody'), "'nobody'"),
        (lambda: content['data'].append(video('v1')), r"data\[4\]: video 'v1' occurs"),
        (lambda: content['data'][1].update(video_id='../v2'), 'below the data root'),
    ):
        change()
        with pytest.raises(InputError, match=message) as caught:
            build(write(), strict=True)
        assert 'pvsg.json: ' in str(caught.value)
        if 'nobody' in message:
            content['split']['vidor']['train'].pop()
        elif 'occurs' in message:
            content['data'].pop()
        elif 'root' not in message:
            content['data'][0]['relations'].pop()


def test_a_real_record_is_read(pvsg, fixtures_dir):
    content, write, _ = pvsg
    raw = json.loads((fixtures_dir / 'pvsg/0001_4164158586.json').read_text())
    content['data'] = [raw]
    content['split'] = dict(vidor=dict(train=[raw['video_id']], val=[]))
    graph = build(write())[0]['scene_graph']
    assert [(o.id, o.category) for o in graph.objects] == [
        (row['object_id'], row['category'].lower()) for row in raw['objects']
    ]
    expected = {(row[0], row[2], row[1]): row[3] for row in raw['relations']}
    assert {(r.subject, r.predicate, r.object) for r in graph.relations} == set(
        expected
    )
    for relation in graph.relations:
        key = (relation.subject, relation.predicate, relation.object)
        covered = {t for s, e in expected[key] for t in range(s, e + 1)}
        assert {t for s, e in relation.span for t in range(s, e + 1)} == covered


@pytest.mark.filterwarnings('ignore:.*cut')
def test_export_has_tubes(pvsg, exported):
    graphs = exported('pvsg', pvsg[1](), 'vidor')
    assert [(graph.video_id, graph.num_frames) for graph in graphs] == [
        ('v1', 4),
        ('v2', 4),
    ]
    floor = graphs[0].object_by_id(2)
    expected = [np.roll(pvsg[2], t, axis=1) == 2 for t in range(4)]
    assert [(floor.tube.decode(t) == expected[t]).all() for t in range(4)] == [True] * 4


@pytest.mark.filterwarnings('ignore:.*cut')
def test_config_gives_masks_of_each_frame(pvsg, from_config):
    item = from_config('pvsg', pvsg[1]())[0]
    # A video shorter than the sample gives all of its frames.
    assert item['data_samples'].gt_masks.shape[:2] == (2, 4)
    assert item['inputs']['rgb'].shape[:2] == (4, 3)


@pytest.mark.filterwarnings('ignore:.*spans cut')
def test_captions_say_what_an_object_does_and_why_two_are_related(pvsg):
    content, write, _ = pvsg
    content['data'][0]['captions'] = [
        dict(
            time='0000-0001',
            description='Dogs bark. The girl (9) walks over the tiles (2), singing.',
        ),
        dict(time='0002-0003', description='The woman (9) waves.'),
    ]
    graph = build(write())[0]['scene_graph']
    assert [item.description for item in graph.objects] == [
        'it walks over the tiles',
        'the girl walks over it',
    ]
    assert [row.reason for row in graph.relations] == [
        'the girl walks over the tiles, singing'
    ]


@pytest.mark.filterwarnings('ignore:.*spans cut')
def test_captions_that_cannot_be_read_are_counted_and_cost_nothing(pvsg):
    content, write, _ = pvsg
    content['data'][0]['captions'] = [
        dict(time='soon', description='The woman (9) waves.'),
        dict(time='0003-0001', description='The woman (9) waves.'),
        dict(time='0000-0001'),
        'The woman (9) waves.',
        dict(time='0000-0001', description='The woman (77) waves at the (baby-1).'),
    ]
    content['data'][2]['captions'] = 5
    content['data'][1]['captions'] = content['data'][3]['captions'] = None
    with pytest.warns(UserWarning, match='5 captions that cannot be read ignored'):
        dataset = build(write())
    assert {item.description for item in dataset[0]['scene_graph'].objects} == {''}
