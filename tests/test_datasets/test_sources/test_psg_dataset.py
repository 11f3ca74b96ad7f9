import json

import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.datasets import PSGDataset
from mmfourdpsg.utils import InputError

# Ids above 255 and above 65535: colours in all three channels.
CAT, MAT, WALL = 40, 3 + 256 * 7, 9 + 256 * 2 + 65536 * 200


def panoptic_png(ids):
    channels = [ids % 256, ids // 256 % 256, ids // 65536]
    return Image.fromarray(np.stack(channels, -1).astype(np.uint8))


def record(image_id, name, relations=((0, 1, 0),), height=6, width=8):
    segments = [(CAT, 1), (MAT, 0), (WALL, 2)]
    return dict(
        image_id=image_id,
        coco_image_id='417720',
        file_name=f'train2017/{name}.jpg',
        pan_seg_file_name=f'panoptic_train2017/{name}.png',
        height=height,
        width=width,
        segments_info=[
            dict(id=i, category_id=c, isthing=int(c < 2), iscrowd=0, area=4)
            for i, c in segments
        ],
        annotations=[
            dict(bbox=[1.0, 2.0, 5.5, 6.0], bbox_mode=0, category_id=c)
            for _, c in segments
        ],
        relations=[list(row) for row in relations],
    )


@pytest.fixture
def psg(tmp_path):
    """A data set in PSG's layout; two image ids share a COCO image."""
    content = dict(
        data=[
            record('7', 'a', [(0, 1, 0), (0, 1, 1), (0, 1, 0), (2, 0, 1)]),
            record('8', 'a'),
            record('9', 'b'),
        ],
        thing_classes=['Mat', 'cat'],
        stuff_classes=['wall-brick'],
        predicate_classes=['on', ' Beside'],
        test_image_ids=['9'],
    )
    ids = np.full((6, 8), WALL)
    ids[2:, :4], ids[2:4, 5:], ids[0] = CAT, MAT, 0
    for folder in ('psg', 'coco/train2017', 'coco/annotations/panoptic_train2017'):
        (tmp_path / folder).mkdir(parents=True)
    for name in 'ab':
        colours = np.zeros((6, 8, 3), np.uint8)
        Image.fromarray(colours).save(tmp_path / f'coco/train2017/{name}.jpg')
        folder = tmp_path / 'coco/annotations/panoptic_train2017'
        panoptic_png(ids).save(folder / f'{name}.png')

    def write():
        (tmp_path / 'psg/psg.json').write_text(json.dumps(content))
        return tmp_path

    write()
    return content, write, ids


def build(root, split='train', pipeline=(), **options):
    return PSGDataset(
        data_root=str(root), split=split, pipeline=list(pipeline), **options
    )


def test_splits_and_images_are_told_apart_by_image_id(psg):
    root = psg[1]()
    found = {
        split: [row['video_id'] for row in build(root, split)]
        for split in ('train', 'test', 'val', 'all')
    }
    assert found == dict(train=['7', '8'], test=['9'], val=['9'], all=['7', '8', '9'])


def test_graph_is_that_of_the_record(psg):
    graph = build(psg[1]())[0]['scene_graph']
    assert [(o.id, o.category, o.is_thing) for o in graph.objects] == [
        (CAT, 'cat', True),
        (MAT, 'mat', True),
        (WALL, 'wall-brick', False),
    ]
    assert graph.objects[0].boxes == {0: (1.0, 2.0, 5.5, 6.0)}
    # Several predicates of a pair stay, the repeated triplet is one relation.
    assert [(r.subject, r.predicate, r.object, r.span) for r in graph.relations] == [
        (CAT, 'on', MAT, [(0, 0)]),
        (CAT, 'beside', MAT, [(0, 0)]),
        (WALL, 'beside', CAT, [(0, 0)]),
    ]
    assert (graph.height, graph.width, graph.num_frames) == (6, 8, 1)


def test_a_box_without_area_costs_no_segment(psg):
    content, write, _ = psg
    boxes = content['data'][0]['annotations']
    boxes[0]['bbox'], boxes[1]['bbox'] = [-1, 1, 99, 3], [3, 2, 3, 5]
    with pytest.warns(UserWarning, match='1 boxes without area in the image left'):
        graph = build(write())[0]['scene_graph']
    found = [item.boxes for item in graph.objects]
    assert found == [{0: (0, 1, 8, 3)}, {}, {0: (1, 2, 5.5, 6)}]
    assert len(graph.relations) == 3


@pytest.mark.parametrize('folder', ['coco/annotations', 'coco', '.'])
def test_masks_are_found_where_users_put_them(psg, folder):
    _, write, ids = psg
    root = write()
    moved = root / folder / 'panoptic_train2017'
    (root / 'coco/annotations/panoptic_train2017').rename(moved)
    if folder == '.':
        (root / 'coco/train2017').rename(root / 'train2017')
        (root / 'psg/psg.json').rename(root / 'psg.json')
    load = [
        dict(type='SampleFrames', num_frames=1),
        dict(type='LoadRGBFrames'),
        dict(type='LoadPanopticMasks'),
    ]
    assert (build(root, pipeline=load)[0]['panoptic_ids'][0] == ids).all()


BAD = {
    'segment beyond the list': (
        lambda row: row['relations'].append([0, 3, 0]),
        r'data\[0\]\.relations\[4\]: it names the unknown segment 3 of 3',
    ),
    'negative segment': (
        lambda row: row['relations'].append([-1, 0, 0]),
        r'data\[0\]\.relations\[4\]: it names the unknown segment -1 of 3',
    ),
    'unknown predicate': (
        lambda row: row['relations'].append([0, 1, 2]),
        'names the unknown predicate 2 of 2',
    ),
    'unknown category': (
        lambda row: row['segments_info'][0].update(category_id=3),
        'category_id 3, expected one below 3',
    ),
    'two segments of one colour': (
        lambda row: row['segments_info'][1].update(id=CAT),
        'two objects have the id 40',
    ),
    'boxes of other segments': (
        lambda row: row['annotations'].pop(),
        'has 2 annotations, expected 3',
    ),
    'text for a number': (
        lambda row: row.update(height='tall'),
        r"data\[0\]: Expected 'int', got 'str' - at '\$\.height'",
    ),
    'path that leaves the data': (
        lambda row: row.update(pan_seg_file_name='../../etc/passwd'),
        "expected a path below the data root, found '../../etc/passwd'",
    ),
    'absolute path': (
        lambda row: row.update(file_name='/etc/passwd'),
        r'data\[0\]\.file_name: expected a path below the data root',
    ),
}


@pytest.mark.parametrize('case', BAD)
def test_bad_records_are_named(psg, case):
    content, write, _ = psg
    change, message = BAD[case]
    change(content['data'][0])
    with pytest.raises(InputError, match=message) as caught:
        build(write(), strict=True)
    assert 'psg/psg.json: ' in str(caught.value)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('text', ['', '[' * 100_000, '{"data": [', '[]', '{"data": 3}'])
def test_a_file_that_is_no_annotation_is_named(psg, text):
    root = psg[1]()
    (root / 'psg/psg.json').write_text(text)
    with pytest.raises(InputError, match=r'psg\.json: '):
        build(root)


def test_a_real_record_is_read(psg, fixtures_dir):
    content, write, _ = psg
    content['data'] = [json.loads((fixtures_dir / 'psg/107902.json').read_text())]
    content['thing_classes'] = [f'thing {i}' for i in range(80)]
    content['stuff_classes'] = [f'stuff {i}' for i in range(53)]
    content['predicate_classes'] = [f'predicate {i}' for i in range(56)]
    graph = build(write())[0]['scene_graph']
    raw = content['data'][0]
    assert len(graph.objects) == len(raw['segments_info']) == 7
    assert [o.is_thing for o in graph.objects] == [
        bool(row['isthing']) for row in raw['segments_info']
    ]
    triplets = {tuple(row) for row in raw['relations']}
    assert len(graph.relations) == len(triplets)


def test_export_has_tubes_of_one_frame(psg, exported, capsys):
    _, write, ids = psg
    root = write()
    graphs = exported('psg', root, 'train')
    assert [graph.video_id for graph in graphs] == ['7', '8']
    for item in graphs[0].objects:
        assert item.tube.frames == [0]
        assert (item.tube.decode(0) == (ids == item.id)).all()
        assert item.boxes == {0: (1.0, 2.0, 5.5, 6.0)}
    # A folder of masks that is missing as a whole is told, and costs the tubes alone.
    (root / 'coco/annotations').rename(root / 'elsewhere')
    (root / 'coco').rename(root / 'images')
    graphs = exported('psg', root, 'train')
    assert (
        'is missing, so the scene graphs are without tubes' in capsys.readouterr().err
    )
    assert graphs[0].objects[0].tube is None
    assert len(graphs[0].relations) == 3


def test_export_refuses_a_single_missing_mask(psg, exported, capsys):
    root = psg[1]()
    (root / 'coco/annotations/panoptic_train2017/b.png').unlink()
    with pytest.raises(SystemExit) as caught:
        exported('psg', root, 'all')
    assert caught.value.code == 2
    last = capsys.readouterr().err.strip().split('\n')[-1]
    assert last.startswith('error: ')
    assert 'panoptic_train2017/b.png: is missing' in last


def test_config_gives_masks_of_one_frame(psg, from_config):
    item = from_config('psg', psg[1]())[0]
    sample = item['data_samples']
    assert item['inputs']['rgb'].shape[:2] == (1, 3)
    assert sample.gt_masks.shape == (3, 1, *item['inputs']['rgb'].shape[2:])
    assert sample.gt_masks.flatten(1).any(dim=1).all()
