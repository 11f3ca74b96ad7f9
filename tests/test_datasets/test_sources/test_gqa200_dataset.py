import json

import pytest
from PIL import Image

from mmfourdpsg.datasets import GQA200Dataset
from mmfourdpsg.utils import InputError

WORDS = dict(
    ind_to_classes=['__background__', 'man', 'horse', 'tree'],
    ind_to_predicates=['__background__', 'riding', 'near'],
)


def rows(names):
    return dict(
        filenames_all=[f'{name}.jpg' for name in names],
        img_info_all=[dict(width=64, height=36)] * len(names),
        gt_boxes_all=[[[1, 2, 30, 30], [5, 5.5, 60, 35]]] * len(names),
        gt_classes_all=[[1, 2]] * len(names),
        relationships_all=[[[0, 1, 1], [1, 0, 2]]] * len(names),
    )


@pytest.fixture
def gqa200(tmp_path):
    contents = {
        'GQA_200_ID_Info': WORDS,
        'GQA_200_Train': rows(['1', '2']),
        'GQA_200_Test': rows(['3', '4', '5']),
    }

    def write(folder='.'):
        (tmp_path / folder).mkdir(exist_ok=True)
        for name, content in contents.items():
            (tmp_path / folder / f'{name}.json').write_text(json.dumps(content))
        return str(tmp_path)

    return contents, write


@pytest.mark.parametrize('folder', ['.', 'annotations'])
def test_graph_is_that_of_the_files(gqa200, folder):
    root = gqa200[1](folder)
    data = GQA200Dataset(data_root=root, split='test')
    assert data.metainfo['thing_classes'] == ['man', 'horse', 'tree']
    assert data.metainfo['predicates'] == ['riding', 'near']
    item = data[0]
    graph = item['scene_graph']
    assert (graph.video_id, graph.height, graph.width) == ('3', 36, 64)
    assert item['rgb_names'] == ['3.jpg']
    assert [(o.id, o.category, o.boxes) for o in graph.objects] == [
        (1, 'man', {0: (1, 2, 30, 30)}),
        (2, 'horse', {0: (5, 5.5, 60, 35)}),
    ]
    assert [(r.subject, r.predicate, r.object, r.span) for r in graph.relations] == [
        (1, 'riding', 2, [(0, 0)]),
        (2, 'near', 1, [(0, 0)]),
    ]


def test_splits_are_those_of_the_published_code(gqa200):
    contents, write = gqa200
    contents['GQA_200_Test']['relationships_all'][1] = []
    contents['GQA_200_Test']['gt_boxes_all'][2] = []
    contents['GQA_200_Test'].update(
        {key: value * 2 for key, value in contents['GQA_200_Test'].items()}
    )
    contents['GQA_200_Test']['filenames_all'][3] = '6.jpg'
    root = write()

    def ids(split, **options):
        data = GQA200Dataset(data_root=root, split=split, **options)
        return [row['video_id'] for row in data]

    # Images without objects or relations are not among them.
    assert ids('test') == ids('val') == ['3', '6']
    assert ids('test', skipped_rows=(0,)) == ['6']
    # The row that is left out is one of the test.
    assert ids('train', skipped_rows=(0,)) == ['1', '2']
    assert ids('all') == ['1', '2', '3', '6']


def test_row_5580_of_the_test_is_left_out_and_val_is_the_first_5000(gqa200):
    contents, write = gqa200
    contents['GQA_200_Test'] = rows([str(number) for number in range(5600)])
    root = write()
    test, val = (
        [row['video_id'] for row in GQA200Dataset(data_root=root, split=split)]
        for split in ('test', 'val')
    )
    assert test == [str(number) for number in range(5600) if number != 5579]
    assert val == test[:5000]


def test_bad_annotations_are_named(gqa200):
    contents, write = gqa200
    test = contents['GQA_200_Test']

    def fails(message, **options):
        with pytest.raises(InputError, match=message):
            GQA200Dataset(data_root=write(), **dict(dict(split='test'), **options))

    fails(r"ID_Info\.json: split: has no 'minival'", split='minival')
    test['gt_classes_all'][1] = [1, 4]
    fails(r'GQA_200_Test\.json: row 1: has the index 4, expected 1 to 3')
    test['gt_classes_all'][1] = [1]
    fails(r'row 1: has 2 boxes and 1 categories')
    test['gt_classes_all'].pop()
    fails(r'has lists of \[2, 3\] rows')
    test['gt_classes_all'] = 'none'
    fails(r'gt_classes_all')
    contents['GQA_200_Test'] = rows(['../up'])
    fails(r'row 0: filenames_all: expected a path below')
    contents['GQA_200_Test'] = rows([])
    fails(r'has no image with objects and relations')
    contents['GQA_200_Test'] = rows(['3'])
    contents['GQA_200_ID_Info'] = dict(WORDS, ind_to_predicates=['__background__'])
    fails(r'ind_to_predicates: has 1 names')


@pytest.mark.parametrize('triplet', [[0, 2, 1], [-1, 1, 1], [0, 1, 0], [0, 1, 3]])
def test_one_dangling_relation_does_not_lose_the_data_set(gqa200, triplet):
    contents, write = gqa200
    contents['GQA_200_Test']['relationships_all'][1] = [triplet, [1, 0, 2]]
    with pytest.warns(UserWarning, match='1 relations of an object that is not there'):
        data = GQA200Dataset(data_root=write(), split='test')
    relations = [len(row['scene_graph'].relations) for row in data]
    assert relations == [2, 1, 2]


def test_export_is_the_graph(gqa200, exported):
    root = gqa200[1]()
    data = GQA200Dataset(data_root=root, split='test')
    assert exported('gqa200', root, 'test') == [row['scene_graph'] for row in data]


def test_config_gives_graphs(gqa200, from_config, tmp_path):
    root = gqa200[1]()
    (tmp_path / 'images').mkdir()
    Image.new('RGB', (64, 36)).save(tmp_path / 'images/3.jpg')
    item = from_config('gqa200', root, 'test')[0]
    assert len(item['data_samples'].gt_scene_graph.relations) == 2
