import json

import pytest
from PIL import Image

from mmfourdpsg.datasets import GQADataset
from mmfourdpsg.utils import InputError


@pytest.fixture
def gqa(tmp_path):
    man = dict(
        name='Man',
        x=1,
        y=2,
        w=3,
        h=4,
        attributes=['tall'],
        relations=[dict(name='to the left of', object='681263')],
    )
    tree = dict(name='tree', x=0, y=0, w=9, h=9, attributes=[], relations=[])
    image = dict(width=20, height=10, objects={'681262': man, '681263': tree})
    contents = dict(
        train={'2407890': image, '3': dict(width=5, height=5, objects={})},
        val={'7': dict(image, location='outdoors')},
    )

    def write(folder='.'):
        (tmp_path / folder).mkdir(exist_ok=True)
        for split, content in contents.items():
            path = tmp_path / folder / f'{split}_sceneGraphs.json'
            path.write_text(json.dumps(content))
        return str(tmp_path)

    return contents, write


@pytest.mark.parametrize('folder', ['.', 'sceneGraphs', 'annotations'])
def test_graph_is_that_of_the_file(gqa, folder, tmp_path, monkeypatch):
    # The working directory must not matter.
    monkeypatch.chdir(tmp_path.parent)
    root = gqa[1](folder)
    found = {
        split: [row['video_id'] for row in GQADataset(data_root=root, split=split)]
        for split in ('train', 'val', 'all')
    }
    assert found == dict(train=['2407890', '3'], val=['7'], all=['2407890', '3', '7'])
    item = GQADataset(data_root=root)[0]
    graph = item['scene_graph']
    assert (graph.height, graph.width, item['rgb_names']) == (10, 20, ['2407890.jpg'])
    assert [(o.id, o.category, o.boxes) for o in graph.objects] == [
        (681262, 'man', {0: (1, 2, 4, 6)}),
        (681263, 'tree', {0: (0, 0, 9, 9)}),
    ]
    assert [o.attributes for o in graph.objects] == [('tall',), ()]
    assert [(r.subject, r.predicate, r.object) for r in graph.relations] == [
        (681262, 'to the left of', 681263)
    ]


def test_boxes_are_cut_and_those_without_area_cost_their_object(gqa):
    contents, write = gqa
    objects = contents['train']['2407890']['objects']
    objects['681262'].update(x=-3, y=5, w=40, h=40)
    beside = dict(objects['681263'], name='cloud', x=20, relations=[])
    beside['relations'] = [dict(name='above', object='681262')]
    objects['5'] = beside
    with pytest.warns(UserWarning) as caught:
        graph = GQADataset(data_root=write())[0]['scene_graph']
    assert [(o.id, o.boxes) for o in graph.objects] == [
        (681262, {0: (0, 5, 20, 10)}),
        (681263, {0: (0, 0, 9, 9)}),
    ]
    assert [row.predicate for row in graph.relations] == ['to the left of']
    (message,) = [str(row.message) for row in caught]
    assert '1 boxes without area in the image left out' in message
    assert '1 relations of an object without a box left out' in message


def test_bad_annotations_are_named(gqa):
    contents, write = gqa
    objects = contents['train']['2407890']['objects']
    objects['681262']['relations'][0]['object'] = '5'
    with pytest.raises(
        InputError, match=r'train_sceneGraphs\.json: 2407890: .*object 5'
    ):
        GQADataset(data_root=write(), strict=True)
    objects['681262']['relations'][0]['object'] = 'five'
    with pytest.raises(
        InputError, match=r'2407890: .*\$\.objects\[\.\.\.\]\.relations'
    ):
        GQADataset(data_root=write())
    contents['val']['3'] = contents['train']['3']
    objects['681262']['relations'].clear()
    with pytest.raises(InputError, match=r'val_sceneGraphs\.json: 3: the image is in'):
        GQADataset(data_root=write(), split='all')
    with pytest.raises(InputError, match='has no test_sceneGraphs'):
        GQADataset(data_root=write(), split='test')


def test_export_is_the_graph(gqa, exported):
    graphs = exported('gqa', gqa[1](), 'val')
    assert graphs == [GQADataset(data_root=gqa[1](), split='val')[0]['scene_graph']]


def test_config_gives_graphs(gqa, from_config, tmp_path):
    root = gqa[1]()
    (tmp_path / 'images').mkdir()
    Image.new('RGB', (20, 10)).save(tmp_path / 'images/7.jpg')
    item = from_config('gqa', root, 'val')[0]
    assert item['data_samples'].gt_scene_graph.relations
