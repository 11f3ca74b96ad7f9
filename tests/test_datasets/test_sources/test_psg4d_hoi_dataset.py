import json
import warnings

import av
import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.datasets import PSG4DHOIDataset
from mmfourdpsg.utils import InputError

PATHS = ['ZY1/H1/C1/N1/S1/s1/T1', 'ZY1/H1/C2/N1/S1/s1/T2', 'ZY2/H2/C2/N1/S1/s1/T1']
FRAMES, HEIGHT, WIDTH = 6, 8, 12
# Mask ids of a hand and two cups; a class is the id modulo 1000.
HAND, CUP, OTHER_CUP = 3, 1007, 2007


def stored_depth(seed):
    # Beyond 32.767 m, where a signed cast turns negative.
    random = np.random.default_rng(seed)
    return random.integers(0, 65536, (FRAMES, HEIGHT, WIDTH), dtype=np.uint16)


def write_depth_video(path, frames):
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('ffv1', rate=15)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, 'gray16le'
        for frame in frames:
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(frame, format='gray16le'))
            )
        container.mux(stream.encode())


def make_ids():
    ids = np.zeros((FRAMES, HEIGHT, WIDTH), np.int32)
    for t in range(FRAMES):
        ids[t, 1:3, t : t + 3], ids[t, 4:6, 2:5], ids[t, 7, 7:] = HAND, CUP, OTHER_CUP
    return ids


@pytest.fixture
def hoi(tmp_path):
    relation = [[1, 2, 'Holding', 0, 3], [1, 2, 'holding', 3, 5], [3, 2, 'near', 0, 9]]
    content = dict(
        data=[
            dict(
                video_id=path,
                object=[
                    dict(object_id=1, mask_id=HAND),
                    dict(object_id=2, mask_id=CUP),
                    dict(object_id=3, mask_id=OTHER_CUP),
                ],
                relations=relation,
            )
            for path in PATHS
        ]
    )
    (tmp_path / 'categories.json').write_text(json.dumps({'3': 'Hand', '7': 'cup'}))
    (tmp_path / 'hoi4d_id.json').write_text(json.dumps({'short': PATHS[0]}))
    ids = make_ids()
    for seed, path in enumerate(PATHS):
        folders = (
            tmp_path / f'HOI4D_release/{path}/align_rgb',
            tmp_path / f'HOI4D_mask/{path}/mask',
            tmp_path / f'HOI4D_depth_video/{path}/align_depth',
        )
        for folder in folders:
            folder.mkdir(parents=True)
        for t in range(FRAMES):
            colours = np.full((HEIGHT, WIDTH, 3), 40 * t, np.uint8)
            Image.fromarray(colours).save(folders[0] / f'{t:05d}.jpg')
            np.savez(folders[1] / f'{t:05d}.npz', array=ids[t].T)
        write_depth_video(folders[2] / 'depth_video.avi', stored_depth(seed))

    def write():
        (tmp_path / 'psg4d_hoi.json').write_text(json.dumps(content))
        return tmp_path

    return content, write


def build(root, split='all', pipeline=(), **options):
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', message='.*spans cut.*')
        return PSG4DHOIDataset(
            data_root=str(root), split=split, pipeline=list(pipeline), **options
        )


LOAD = [
    dict(type='SampleFrames', num_frames=3),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPanopticMasks'),
]


def test_classes_come_from_mask_ids_and_frames_from_the_files(hoi):
    dataset = build(hoi[1](), stuff_classes=('cup',))
    item = dataset[0]
    graph = item['scene_graph']
    assert (item['num_frames'], item['fps']) == (FRAMES, 15)
    assert [(o.id, o.category, o.is_thing) for o in graph.objects] == [
        (1, 'hand', True),
        (2, 'cup', False),
        (3, 'cup', False),
    ]
    # Rows of one triplet are one relation; the span past the end is cut.
    assert [(r.subject, r.predicate, r.object, r.span) for r in graph.relations] == [
        (1, 'holding', 2, [(0, 5)]),
        (3, 'near', 2, [(0, 5)]),
    ]


def test_number_of_frames_of_the_record_is_taken(hoi):
    content, write = hoi
    content['data'][0]['num_frames'] = 4
    content['data'][1]['meta'] = dict(num_frames=5)
    dataset = build(write())
    assert [row['num_frames'] for row in dataset] == [4, 5, 6]


def test_masks_are_transposed_and_mapped_to_objects(hoi):
    item = build(hoi[1](), pipeline=LOAD)[1]
    expected = make_ids()[item['frame_indices']]
    for mask_id, object_id in ((HAND, 1), (CUP, 2), (OTHER_CUP, 3)):
        assert ((item['panoptic_ids'] == object_id) == (expected == mask_id)).all()


@pytest.mark.parametrize('images', [False, True])
def test_depth_is_that_of_the_video_or_of_its_images(hoi, images):
    root = hoi[1]()
    if images:
        folder = root / f'HOI4D_depth_video/{PATHS[1]}/align_depth'
        (folder / 'depth_video.avi').unlink()
        for t, frame in enumerate(stored_depth(1)):
            Image.fromarray(frame).save(folder / f'{t:05d}.png')
    item = build(root, pipeline=LOAD)[1]
    expected = stored_depth(1)[item['frame_indices']] / np.float32(1000)
    assert item['depth'].dtype == np.float32
    np.testing.assert_array_equal(item['depth'], expected)
    assert item['depth'].max() > 32.767


def test_short_ids_lead_to_paths(hoi):
    content, write = hoi
    content['data'][0]['video_id'] = 'short'
    item = build(write(), pipeline=LOAD)[0]
    assert item['video_id'] == 'short'
    assert item['rgb_path'].endswith(f'HOI4D_release/{PATHS[0]}/align_rgb')


def test_the_split_is_that_of_the_annotation_else_of_a_list_else_of_a_hash(hoi):
    content, write = hoi
    root = write()
    with pytest.warns(UserWarning, match='published split is not public'):
        train = [row['video_id'] for row in build(root, 'train')]
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        (root / 'val.txt').write_text(f'{PATHS[2]}\n')
        assert [row['video_id'] for row in build(root, 'val')] == [PATHS[2]]
    assert train
    assert set(train) <= set(PATHS)
    content['split'] = dict(train=PATHS[1:], val=PATHS[:1])
    assert [row['video_id'] for row in build(write(), 'val')] == PATHS[:1]


def test_each_of_several_splits_is_that_of_its_list_or_of_the_hash(hoi):
    root = hoi[1]()

    def ids():
        return [row['video_id'] for row in build(root, 'train+val')]

    with pytest.warns(UserWarning, match='published split is not public'):
        assert ids() == PATHS
    (root / 'train.txt').write_text(f'{PATHS[0]}\n')
    # The last one is val by the hash.
    with pytest.warns(UserWarning, match='published split is not public'):
        assert ids() == [PATHS[0], PATHS[2]]
    (root / 'val.txt').write_text(f'{PATHS[1]}\n')
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        assert ids() == PATHS[:2]


def test_hash_split_is_stable_and_about_a_fifth():
    class Annotation:
        class content:
            split = None

    dataset = PSG4DHOIDataset.__new__(PSG4DHOIDataset)
    dataset.split, dataset.ann_file = 'all', '/nowhere/psg4d_hoi.json'
    names = [f'video {i}' for i in range(2000)]
    splits = dataset._splits(Annotation, names)
    assert 0.17 < len(splits['val']) / 2000 < 0.24
    assert sorted(splits['train'] + splits['val']) == sorted(names)
    again = dataset._splits(Annotation, names[::-1])
    assert set(again['val']) == set(splits['val'])


def test_bad_records_are_named(hoi):
    content, write = hoi
    content['data'][2]['object'][0]['mask_id'] = 1004
    with pytest.raises(
        InputError, match=r'data\[2\]\.object\[0\]: .*class 4, of which'
    ):
        build(write())
    content['data'][2]['object'][0] = dict(object_id=0, mask_id=HAND)
    with pytest.raises(InputError, match='expected one above 0'):
        build(write())
    content['data'][2]['video_id'] = '/etc'
    with pytest.raises(InputError, match='below the data root'):
        build(write())


def test_depth_of_8_bits_is_refused(hoi):
    root = hoi[1]()
    path = root / f'HOI4D_depth_video/{PATHS[0]}/align_depth/depth_video.avi'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('ffv1', rate=15)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, 'gray'
        for _ in range(FRAMES):
            frame = np.zeros((HEIGHT, WIDTH), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, 'gray')))
        container.mux(stream.encode())
    with pytest.raises(InputError, match='has pixels of gray, expected gray16le'):
        build(root, pipeline=LOAD)[0]


@pytest.mark.filterwarnings('ignore:.*cut')
def test_export_has_tubes_of_object_ids(hoi, exported):
    graphs = exported('psg4d_hoi', hoi[1]())
    assert [graph.video_id for graph in graphs] == PATHS
    ids = make_ids()
    for graph in graphs:
        assert (graph.height, graph.width, graph.num_frames) == ids.shape[1:] + (6,)
        for object_id, mask_id in ((1, HAND), (2, CUP), (3, OTHER_CUP)):
            tube = graph.object_by_id(object_id).tube
            assert all((tube.decode(t) == (ids[t] == mask_id)).all() for t in range(6))


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('part', ['train', 'val'])
def test_config_gives_whole_scenes(hoi, from_config, part):
    dataset = from_config('psg4d_hoi', hoi[1](), part, split='all')
    item = dataset[0]
    assert item['inputs']['depth'].shape == (FRAMES, 576, 1024)
    assert (item['inputs']['depth'] > 0).any()
    graph = item['data_samples'].gt_scene_graph
    assert len(graph.objects[0].tube) == FRAMES
