import json
import pickle
import sys

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate, worker_init_fn
from torch.utils.data import DataLoader

from mmfourdpsg.datasets import PSG4DGTADataset
from mmfourdpsg.datasets.psg4d_gta_dataset import TEST_VIDEOS
from mmfourdpsg.utils import InputError

DECODER = dict(type='SAILVOS3DDepthDecoder')
TRAIN = [
    dict(type='SampleFrames', num_frames=3, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', decoder=DECODER),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', prob=0.5),
    dict(type='ResizeFrames', size=(18, 24)),
    dict(type='RandomHorizontalFlip'),
    dict(type='RandomColourJitter'),
    dict(type='PackSceneGraphInputs'),
]
PLAIN = [*TRAIN[:4], TRAIN[-1]]
TEST = [
    dict(type='SampleFrames', num_frames=3),
    *TRAIN[1:3],
    dict(type='LoadPanopticMasks', frames='all'),
    dict(type='ResizeFrames', size=(9, 12)),
    dict(type='PackSceneGraphInputs'),
]

# Audit hooks cannot be removed: one hook, switched on by a list to write to.
_opened = None


def _record(event, args):
    if event == 'open' and _opened is not None:
        _opened.append(str(args[0]))


sys.addaudithook(_record)


@pytest.fixture
def opened():
    global _opened
    _opened = []
    yield _opened
    _opened = None


def _build(gta, pipeline=PLAIN, **kwargs):
    return PSG4DGTADataset(data_root=str(gta.root), pipeline=pipeline, **kwargs)


def _inside(paths, gta):
    return [path for path in paths if path.startswith(str(gta.root))]


def test_building_reads_the_annotation_alone(gta, opened):
    dataset = _build(gta)
    assert _inside(opened, gta) == [str(gta.root / 'sailvos3d.json')]
    assert len(dataset) == 2
    assert dataset.metainfo == dict(
        thing_classes=['car', 'person'],
        stuff_classes=['wall'],
        predicates=['on', 'right behind', 'to the left of'],
    )


def test_an_item_reads_the_sampled_frames_alone(gta, opened):
    dataset = _build(gta)
    opened.clear()
    frames = dataset[1]['data_samples'].frame_indices
    expected = {
        str(gta.root / kind / 'alley_2' / f'{frame:06d}{suffix}')
        for frame in frames
        for kind, suffix in (
            ('images', '.bmp'),
            ('depth', '.npy'),
            ('masks', '.npy'),
            ('rage_matrices', '.npz'),
        )
    }
    found = _inside(opened, gta)
    assert len(found) == 12
    assert set(found) == expected


def test_training_item_holds_what_was_written(gta):
    item = _build(gta, seed=5)[0]
    sample, video = item['data_samples'], gta.videos['alley_1']
    frames = sample.frame_indices
    assert [frame // 3 for frame in frames] == [0, 1, 2]
    assert sample.video_id == 'alley_1'
    assert sample.num_frames == 9
    assert sample.fps == 5.0
    assert sample.ori_shape == sample.img_shape == (18, 24)
    rgb = video.rgb[frames].transpose(0, 3, 1, 2)
    assert item['inputs']['rgb'].dtype == torch.uint8
    np.testing.assert_array_equal(item['inputs']['rgb'].numpy(), rgb)
    assert item['inputs']['depth'].dtype == torch.float32
    np.testing.assert_allclose(
        item['inputs']['depth'].numpy(), video.metres[frames], rtol=2e-5
    )
    graph = sample.gt_scene_graph
    ids = [gta.ids.car, gta.ids.person, gta.ids.wall]
    assert [item.id for item in graph.objects] == ids
    assert [item.category for item in graph.objects] == ['car', 'person', 'wall']
    assert [item.is_thing for item in graph.objects] == [True, True, False]
    masks = video.ids[frames][None] == np.array(ids)[:, None, None, None]
    np.testing.assert_array_equal(sample.gt_masks.numpy(), masks)
    for place, item in enumerate(graph.objects):
        assert set(item.tube.frames) <= set(frames)
        for t, frame in enumerate(frames):
            np.testing.assert_array_equal(item.tube.decode(frame), masks[place, t])
    rows = {(r.subject, r.predicate, r.object): r.span for r in graph.relations}
    assert rows == {
        (3, 'to the left of', 300): [(0, 4), (6, 7)],
        (300, 'right behind', 3): [(2, 6)],
        (3, 'on', 1002): [(0, 8)],
    }


def test_test_mode_holds_the_whole_truth_at_original_size(gta):
    dataset = _build(gta, TEST, split='val', test_mode=True)
    item = dataset[0]
    sample, video = item['data_samples'], gta.videos['dock_1']
    assert sample.frame_indices == [1, 4, 7]
    assert item['inputs']['rgb'].shape == (3, 3, 9, 12)
    assert item['inputs']['depth'].shape == (3, 9, 12)
    assert (sample.ori_shape, sample.img_shape) == ((18, 24), (9, 12))
    assert 'gt_masks' not in sample
    graph = sample.gt_scene_graph
    assert (graph.height, graph.width, graph.num_frames) == (18, 24, 9)
    for item in graph.objects:
        for frame in range(9):
            np.testing.assert_array_equal(
                item.tube.decode(frame), video.ids[frame] == item.id
            )
    assert graph.object_by_id(gta.ids.person).tube.frames == list(range(7))
    reader = pickle.loads(pickle.dumps(sample.frame_reader))
    assert len(reader) == 9
    np.testing.assert_array_equal(reader[8], video.rgb[8])
    np.testing.assert_array_equal(reader[-9], video.rgb[0])
    with pytest.raises(IndexError):
        reader[9]


@pytest.mark.filterwarnings('ignore:.*spans cut')
def test_splits_are_those_of_the_annotation_and_the_published_test_videos(
    gta, tmp_path
):
    assert len(_build(gta, split='all')) == 3
    assert _build(gta, split='unseen').get_data_info(0)['video_id'] == 'dock_1'
    with pytest.raises(InputError, match=r"split 'test': has no videos.*'train': 2"):
        _build(gta, split='test')
    both = _build(gta, split='unseen+train')
    assert both.get_data_info(0)['video_id'] == 'dock_1'
    assert len(both) == 3
    for split, says in (('train+test', 'has no videos'), ('train+train', 'twice')):
        with pytest.raises(InputError, match=says):
            _build(gta, split=split)
    gta.write(tmp_path / 'published', dict(train=['a'], val=['b', *TEST_VIDEOS]), 2)
    gta.root = tmp_path / 'published'
    dataset = _build(gta, split='test')
    names = [dataset.get_data_info(i)['video_id'] for i in range(len(dataset))]
    assert names == list(TEST_VIDEOS)
    assert len(_build(gta, split='val')) == 14


def test_spans_are_cut_at_the_end_with_one_warning(gta):
    def change(content):
        for row in content['data']:
            row['relations'] += [[3, 'on', 300, [5, 9]], [3, 'near', 300, [9, 12]]]

    gta.edit(change)
    with pytest.warns(UserWarning, match='4 spans cut') as caught:
        dataset = _build(gta)
    assert len(caught) == 1
    spans = {
        r.predicate: r.span
        for r in dataset.get_data_info(0)['scene_graph'].relations
        if (r.subject, r.object) == (3, 300)
    }
    assert spans['on'] == [(5, 8)]
    assert 'near' not in spans


def test_filters_are_off_and_counted_when_on(gta):
    gta.edit(lambda content: content['data'][0].update(relations=[]))
    assert len(_build(gta)) == 2
    with pytest.warns(UserWarning, match='dropped 1 of 2'):
        dataset = _build(gta, filter_cfg=dict(min_relations=1))
    assert dataset.get_data_info(0)['video_id'] == 'alley_2'
    with pytest.raises(InputError, match='leaves no video'), pytest.warns(UserWarning):
        _build(gta, filter_cfg=dict(exclude_videos=['alley_1', 'alley_2']))
    with pytest.raises(TypeError, match='min_relation'):
        _build(gta, filter_cfg=dict(min_relation=1))


def test_items_depend_on_seed_epoch_and_index_alone(gta):
    def items(workers, epoch, seed=7, batch_size=1):
        dataset = _build(gta, TRAIN, split='all', seed=seed)
        dataset.epoch = epoch
        loader = DataLoader(
            dataset, batch_size, num_workers=workers, collate_fn=pseudo_collate
        )
        return [
            (rgb.numpy().tobytes(), sample.frame_indices)
            for batch in loader
            for rgb, sample in zip(
                batch['inputs']['rgb'], batch['data_samples'], strict=True
            )
        ]

    first = items(0, epoch=3)
    assert items(2, epoch=3) == first
    assert items(1, epoch=3, batch_size=2) == first
    assert items(0, epoch=4) != first
    assert items(0, epoch=3, seed=8) != first


def test_without_a_seed_workers_follow_numpys_seed(gta):
    def run():
        loader = DataLoader(
            _build(gta, TRAIN),
            num_workers=1,
            collate_fn=pseudo_collate,
            worker_init_fn=lambda i: worker_init_fn(i, num_workers=1, rank=0, seed=11),
        )
        return [batch['inputs']['rgb'][0].numpy().tobytes() for batch in loader]

    assert run() == run()


def _truncate(path, keep=0.5):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])


def _empty(folder):
    for path in folder.iterdir():
        path.unlink()


BAD_FILES = {
    'missing frame': (
        lambda root: (root / 'images/alley_1/000001.bmp').unlink(),
        r'images/alley_1/000001\.bmp: is missing, expected an RGB image$',
    ),
    'truncated frame': (
        lambda root: _truncate(root / 'images/alley_1/000001.bmp'),
        r'images/alley_1/000001\.bmp: is truncated or damaged',
    ),
    'empty frame file': (
        lambda root: (root / 'images/alley_1/000001.bmp').write_bytes(b''),
        r'images/alley_1/000001\.bmp: is an empty file',
    ),
    'no image': (
        lambda root: (root / 'images/alley_1/000001.bmp').write_text('hello'),
        r'000001\.bmp: is truncated or damaged \(no image\), expected an RGB image',
    ),
    'empty directory': (
        lambda root: _empty(root / 'images/alley_1'),
        r'images/alley_1/000001\.bmp: is missing, its directory is empty, expected',
    ),
    'missing mask': (
        lambda root: (root / 'masks/alley_1/000001.npy').unlink(),
        r'masks/alley_1/000001\.npy: is missing, expected a mask of whole numbers',
    ),
    'truncated mask': (
        lambda root: _truncate(root / 'masks/alley_1/000001.npy'),
        r'masks/alley_1/000001\.npy: is truncated or no array',
    ),
    'pickled mask': (
        lambda root: np.save(
            root / 'masks/alley_1/000001.npy', np.array([{}]), allow_pickle=True
        ),
        r'masks/alley_1/000001\.npy: is truncated or no array.*allow_pickle',
    ),
    'mask of floats': (
        lambda root: np.save(root / 'masks/alley_1/000001.npy', np.zeros((18, 24))),
        r'000001\.npy: holds float64 of shape \[18, 24\], expected a mask of whole',
    ),
    'mask of the wrong size': (
        lambda root: np.save(
            root / 'masks/alley_1/000001.npy', np.zeros((24, 18), int)
        ),
        r'000001\.npy: mask has 24 x 18 pixels .*expected 18 x 24',
    ),
    'unknown id': (
        lambda root: np.save(root / 'masks/alley_1/000001.npy', np.full((18, 24), 44)),
        r"000001\.npy: has the unknown object ids \[44\], .*'alley_1': \[3, 300, 1002]",
    ),
    'missing depth': (
        lambda root: (root / 'depth/alley_1/000001.npy').unlink(),
        r'depth/alley_1/000001\.npy: is missing, expected a depth buffer',
    ),
    'truncated depth': (
        lambda root: _truncate(root / 'depth/alley_1/000001.npy'),
        r'depth/alley_1/000001\.npy: is truncated',
    ),
    'depth of the wrong size': (
        lambda root: np.save(
            root / 'depth/alley_1/000001.npy', np.ones((9, 9), np.float32)
        ),
        r'depth/alley_1: depth of frame 1 has 9 x 9 pixels .*expected 18 x 24',
    ),
    'missing matrices': (
        lambda root: (root / 'rage_matrices/alley_1/000001.npz').unlink(),
        r'rage_matrices/alley_1/000001\.npz: is missing',
    ),
    'truncated matrices': (
        lambda root: _truncate(root / 'rage_matrices/alley_1/000001.npz'),
        r'rage_matrices/alley_1/000001\.npz: is truncated',
    ),
}


@pytest.mark.parametrize('case', BAD_FILES)
@pytest.mark.parametrize('test_mode', [False, True])
def test_bad_files_are_one_line_and_never_skipped(gta, case, test_mode):
    spoil, message = BAD_FILES[case]
    spoil(gta.root)
    pipeline = TEST if test_mode else [TEST[0], *PLAIN[1:]]
    dataset = _build(gta, pipeline, test_mode=test_mode, strict=True)
    with pytest.raises(InputError, match=message) as caught:
        dataset[0]
    assert '\n' not in str(caught.value)
    assert str(caught.value).startswith(str(gta.root))


def test_bad_files_reach_the_main_process_as_one_line(gta):
    (gta.root / 'images/alley_1/000001.bmp').unlink()
    dataset = _build(gta, [TEST[0], *PLAIN[1:]])
    loader = DataLoader(dataset, num_workers=1, collate_fn=pseudo_collate)
    with pytest.raises(InputError) as caught:
        list(loader)
    path = gta.root / 'images/alley_1/000001.bmp'
    assert str(caught.value) == f'{path}: is missing, expected an RGB image'


def test_a_pipeline_that_returns_nothing_is_an_error(gta):
    with pytest.raises(RuntimeError, match="'alley_1': the pipeline returned None"):
        _build(gta, [lambda results: None])[0]


def _first(change):
    return lambda content: change(content['data'][0])


BAD_ANNOTATIONS = {
    'unknown object in a relation': (
        _first(lambda row: row['relations'].append([3, 'on', 77, [0, 1]])),
        r"data\[0\] \(alley_1\): .*\(3, 'on', 77\) names the unknown object 77",
    ),
    'reversed span': (
        _first(lambda row: row['relations'].append([3, 'on', 300, [4, 1]])),
        r'data\[0\]\.relations\[4\]\[3\]: range \[4, 1\] ends before it starts',
    ),
    'span of one number': (
        _first(lambda row: row['relations'].append([3, 'on', 300, [4]])),
        r'data\[0\]\.relations\[4\]\[3\]: expected \[first, last\]',
    ),
    'empty span': (
        _first(lambda row: row['relations'].append([3, 'on', 300, []])),
        r'data\[0\]\.relations\[4\]\[3\]: expected \[first, last\]',
    ),
    'relation of another order': (
        _first(lambda row: row['relations'].append([3, 300, 'on', [0, 1]])),
        r'data\[0\]\.relations\[4\]\[1\]: expected a text, found 300',
    ),
    'duplicate object': (
        _first(lambda row: row['object'].append(dict(object_id=3, category='car'))),
        r'data\[0\] \(alley_1\): .*two objects have the id 3',
    ),
    'id of void': (
        _first(lambda row: row['object'].append(dict(object_id=0, category='car'))),
        r'data\[0\]\.object\[3\]: has the id 0, expected one above 0',
    ),
    'unknown category': (
        _first(lambda row: row['object'].append(dict(object_id=5, category='cat'))),
        r"data\[0\]\.object\[3\]: has the category 'cat', expected one of objects",
    ),
    'plural key': (
        _first(lambda row: row.update(objects=row.pop('object'))),
        r"data\[0\]: expected the key 'object' \(a list\)",
    ),
    'no frames': (
        _first(lambda row: row['meta'].update(num_frames=0)),
        r'data\[0\] .*num_frames 0 must all be at least 1',
    ),
    'video without a record': (
        lambda content: content['split']['train'].append('attic'),
        r"split 'train': names the video 'attic', of which there is no record",
    ),
    'video id that is no text': (
        lambda content: content['split']['train'].append(['attic']),
        r"split\.train\[2\]: expected a text, found \['attic'\]",
    ),
    'video twice': (
        lambda content: content['data'].append(content['data'][0]),
        r"data\[3\]: video 'alley_1' occurs twice",
    ),
    'bad rate': (
        _first(lambda row: row['meta'].update(fps=0)),
        r'data\[0\]\.meta\.fps: expected a rate, found 0',
    ),
}


@pytest.mark.parametrize('case', BAD_ANNOTATIONS)
def test_bad_annotations_name_file_and_record(gta, case):
    change, message = BAD_ANNOTATIONS[case]
    gta.edit(change)
    with pytest.raises(InputError, match=message) as caught:
        _build(gta, strict=True)
    assert str(caught.value).startswith(str(gta.root / 'sailvos3d.json'))
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('text', ['', '{"objects": ', '[]', None])
def test_a_file_that_is_no_annotation_is_named(gta, text):
    path = gta.root / 'sailvos3d.json'
    path.unlink()
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=r'sailvos3d\.json: '):
        _build(gta)


def test_frames_must_have_the_size_in_the_annotation(gta):
    gta.edit(_first(lambda row: row['meta'].update(height=18, width=24)))
    assert _build(gta)[0]['data_samples'].ori_shape == (18, 24)
    gta.edit(_first(lambda row: row['meta'].update(height=20, width=24)))
    with pytest.raises(InputError, match=r'18 x 24 pixels .*expected 20 x 24'):
        _build(gta)[0]


def test_serialised_items_are_equal_and_unshared(gta):
    packed, plain = _build(gta, []), _build(gta, [], serialize_data=False)
    assert packed.data_list == []
    assert packed.get_data_info(1) == plain.get_data_info(1)
    info = packed.get_data_info(0)
    info['scene_graph'].relations.clear()
    assert packed.get_data_info(0)['scene_graph'].relations
    assert json.loads(json.dumps(info['rgb_path'])).endswith('images/alley_1')
