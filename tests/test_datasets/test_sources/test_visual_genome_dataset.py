import json

import pytest
from PIL import Image

from mmfourdpsg.datasets import VisualGenomeDataset
from mmfourdpsg.utils import InputError


def thing(object_id, *names, x=1, y=2, w=3, h=4, merged=()):
    return dict(
        object_id=object_id,
        x=x,
        y=y,
        w=w,
        h=h,
        names=list(names),
        synsets=[],
        merged_object_ids=list(merged),
    )


def relation(number, predicate, subject, other):
    ends = [dict(object_id=i, x=0, y=0, w=1, h=1, synsets=[]) for i in (subject, other)]
    ends[0]['name'], ends[1]['names'] = 'man', ['hat']
    return dict(
        relationship_id=number,
        predicate=predicate,
        subject=ends[0],
        object=ends[1],
        synsets=[],
    )


@pytest.fixture
def vg(tmp_path):
    url = 'https://somewhere/rak248/VG_100K{}/{}.jpg'
    images = [
        dict(image_id=1, width=80, height=60, url=url.format('_2', 1), coco_id=None),
        dict(image_id=5, width=50, height=40, url=url.format('', 5), coco_id=7),
        dict(image_id=1592, width=50, height=40, url=url.format('', 1592)),
        dict(image_id=9, width=50, height=40, url=url.format('', 9)),
    ]
    objects = [
        dict(
            image_id=5, objects=[thing(50, 'dog'), thing(51, 'dog'), thing(52, 'rug')]
        ),
        dict(
            image_id=1,
            objects=[
                thing(10, ' Man ', 'person', merged=[13, 14]),
                thing(11, 'hat', x=0.5, y=-1, w=5, h=9),
                thing(12, ' '),
            ],
            image_url='...',
        ),
        dict(image_id=1592, objects=[thing(70, 'man')]),
    ]
    relationships = [
        dict(
            image_id=1,
            relationships=[
                relation(1, 'Wearing ', 10, 11),
                relation(2, 'wears', 13, 11),
                relation(3, '', 10, 11),
                relation(4, 'near', 10, 99),
                relation(5, 'near', 10, 12),
                relation(6, 'with', 10, 14),
            ],
        ),
        dict(image_id=1592, relationships=[relation(7, 'on', 70, 70)]),
        dict(image_id=5, relationships=[relation(8, 'on', 50, 52)]),
    ]
    contents = {
        'image_data': images,
        'objects': objects,
        'relationships': relationships,
    }

    def write():
        for name, content in contents.items():
            (tmp_path / f'{name}.json').write_text(json.dumps(content))
        return tmp_path

    write()
    return contents, write


def build(root, split='all', **options):
    return VisualGenomeDataset(data_root=str(root), split=split, **options)


@pytest.mark.filterwarnings('ignore')
def test_graph_is_that_of_three_files(vg):
    dataset = build(vg[1]())
    assert [row['video_id'] for row in dataset] == ['1', '5', '9']
    graph = dataset[0]['scene_graph']
    assert (graph.height, graph.width, graph.num_frames) == (60, 80, 1)
    assert [(o.id, o.category, o.boxes[0]) for o in graph.objects] == [
        (10, 'man', (1, 2, 4, 6)),
        (11, 'hat', (0.5, 0, 5.5, 8)),
    ]
    # An end may be the id of an object that was merged into another.
    assert [(r.subject, r.predicate, r.object) for r in graph.relations] == [
        (10, 'wearing', 11),
        (10, 'wears', 11),
    ]
    assert dataset[2]['scene_graph'].objects == []
    assert dataset[0]['rgb_names'] == ['1.jpg']
    assert dataset[0]['rgb_path'].endswith('VG_100K_2')


@pytest.mark.filterwarnings('ignore')
def test_attributes_are_of_their_own_file_and_of_the_objects(vg):
    contents, write = vg
    contents['objects'][1]['objects'][1]['attributes'] = ['black']
    contents['attributes'] = [
        dict(
            image_id=1,
            attributes=[
                dict(thing(10, 'man'), attributes=['Tall ', None, 'happy']),
                dict(thing(11, 'hat'), attributes=['straw', 'black']),
                # It was merged into the man.
                dict(thing(13, 'man'), attributes=['tall', 'old']),
                dict(thing(12, 'tree')),
            ],
        )
    ]
    graph = build(write())[0]['scene_graph']
    assert [item.attributes for item in graph.objects] == [
        ('tall', 'happy', 'old'),
        ('black', 'straw'),
    ]
    contents['attributes'][0]['attributes'][0]['attributes'] = 'tall'
    with pytest.raises(InputError, match=r'attributes\.json: \[0\] \(image 1\)'):
        build(write())


def test_what_is_left_out_is_counted_in_one_warning(vg):
    with pytest.warns(UserWarning) as caught:
        build(vg[1]())
    assert len(caught) == 1
    message = str(caught[0].message)
    for part in (
        '1 images with damaged files left out',
        '1 objects without a name left out',
        '1 relations without a predicate left out',
        '1 relations of an object that is not there left out',
        '1 relations of an object that is left out',
        '1 relations of an object with itself dropped',
    ):
        assert part in message


def test_boxes_without_area_cost_their_object(vg):
    contents, write = vg
    things = contents['objects'][0]['objects']
    # The image has 50 x 40 pixels.
    things[0].update(x=-5, y=30, w=500, h=500)
    things[1].update(x=10, y=-80, w=25, h=24)
    things[2].update(w=0)
    contents['relationships'][2]['relationships'].append(relation(9, 'near', 50, 51))
    with pytest.warns(UserWarning) as caught:
        item = build(write())[1]
    graph = item['scene_graph']
    assert [(o.id, o.boxes) for o in graph.objects] == [(50, {0: (0, 30, 50, 40)})]
    assert graph.relations == []
    # What is left out is known to the masks.
    assert item['mask_ids'] == {1: 50, 2: 0, 3: 0}
    (message,) = [str(row.message) for row in caught]
    for part in (
        '2 boxes without area in the image left out',
        '2 objects without a box left out',
        '2 relations of an object without a box left out',
    ):
        assert part in message


@pytest.mark.filterwarnings('ignore')
def test_aliases_are_united_and_vocabularies_cut_to_the_most_frequent(vg):
    root = vg[1]()
    (root / 'predicates.txt').write_text('wear, wearing ,wears\non\n')
    (root / 'objects.txt').write_text('man,guy\nanimal,dog,cat\n')
    options = dict(object_aliases='objects.txt', predicate_aliases='predicates.txt')
    dataset = build(root, **options)
    assert [r.predicate for r in dataset[0]['scene_graph'].relations] == ['wear']
    assert dataset[1]['scene_graph'].objects[0].category == 'animal'
    # Of the categories animal occurs twice, of the predicates wear.
    dataset = build(root, num_categories=1, num_predicates=1, **options)
    assert dataset.metainfo['thing_classes'] == ['animal']
    assert [len(row['scene_graph'].objects) for row in dataset] == [0, 2, 0]
    # Wear has lost its ends.
    assert dataset.metainfo['predicates'] == []
    (root / 'objects.txt').write_text('man,guy\nboy,guy\n')
    with pytest.raises(
        InputError, match=r"objects\.txt: line 2: 'guy' stands for 'boy'"
    ):
        build(root, **options)


@pytest.mark.filterwarnings('ignore')
def test_splits_may_be_listed(vg):
    root = vg[1]()
    (root / 'val.txt').write_text('5\n9\n')
    assert [row['video_id'] for row in build(root, 'val')] == ['5', '9']
    assert len(build(root, 'train')) == 3
    with pytest.raises(InputError, match=r"split 'test': has no videos, expected"):
        build(root, 'test')


def test_bad_records_are_named(vg):
    contents, write = vg
    contents['relationships'][0]['relationships'][1]['subject'] = 3
    message = r"relationships\.json: \[0\] \(image 1\): Expected 'object', got 'int'"
    with pytest.raises(InputError, match=message):
        build(write())
    contents['relationships'].pop(0)
    contents['objects'][0]['objects'][0]['x'] = 'left'
    with pytest.raises(InputError, match=r'objects\.json: \[0\] \(image 5\): Expected'):
        build(write())
    contents['objects'].append(contents['objects'][1])
    with pytest.raises(InputError, match=r'objects\.json: \[3\]: image 1 occurs twice'):
        build(write())
    contents['image_data'][0]['url'] = 'https://somewhere/../passwd'
    contents['objects'].pop()
    contents['objects'][0]['objects'][0]['x'] = 0
    with pytest.raises(InputError, match=r'\(image 1\)\.url: expected a path below'):
        build(write())


@pytest.mark.filterwarnings('ignore')
def test_export_has_boxes(vg, exported):
    graphs = exported('vg', vg[1]())
    assert [graph.video_id for graph in graphs] == ['1', '5', '9']
    assert graphs[0].objects[1].boxes == {0: (0.5, 0, 5.5, 8)}
    assert graphs[0].objects[1].tube is None
    assert len(graphs[0].relations) == 2


@pytest.mark.filterwarnings('ignore')
def test_config_gives_boxes_of_the_resized_image(vg, from_config):
    root = vg[1]()
    for folder, name in (('VG_100K_2', 1), ('VG_100K', 5), ('VG_100K', 9)):
        (root / folder).mkdir(exist_ok=True)
        size = (80, 60) if name == 1 else (50, 40)
        Image.new('RGB', size).save(root / folder / f'{name}.jpg')
    dataset = from_config('vg', root)
    # One image has no relation.
    assert len(dataset) == 2
    steps = dataset.pipeline.transforms
    steps[:] = [step for step in steps if type(step).__name__ != 'RandomCropFrames']
    flipped = {dataset.seed: None}
    for dataset.seed in range(8):
        graph = dataset[0]['data_samples'].gt_scene_graph
        x1, y1, x2, y2 = graph.object_by_id(10).boxes[0]
        assert 0 <= x1 < x2 <= graph.width
        assert (y2 - y1) / (x2 - x1) == pytest.approx(4 / 3, rel=0.05)
        flipped[dataset.seed] = x1 > graph.width / 2
    assert set(flipped.values()) >= {True, False}
