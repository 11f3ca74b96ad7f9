"""What all readers do with relations and masks that name what is not there."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_gqa_dataset import gqa  # noqa: F401
from test_psg4d_hoi_dataset import hoi  # noqa: F401
from test_psg_dataset import psg  # noqa: F401
from test_pvsg_dataset import pvsg  # noqa: F401
from test_scene_graph_file_dataset import own  # noqa: F401
from test_three_dssg_dataset import write_full
from test_visual_genome_dataset import relation as vg_relation
from test_visual_genome_dataset import vg  # noqa: F401

from mmfourdpsg.datasets import (
    GQADataset,
    PSG4DGTADataset,
    PSG4DHOIDataset,
    PSGDataset,
    PVSGDataset,
    SceneGraphFileDataset,
    ThreeDSSGDataset,
    VisualGenomeDataset,
)
from mmfourdpsg.utils import InputError

MESSAGE = '1 relations of an object that is not there left out'


def dangle_gta(gta):
    gta.edit(lambda c: c['data'][0]['relations'].insert(1, [3, 'on', 77, [0, 1]]))


def dangle_hoi(fixture):
    # All videos share their relations.
    rows = fixture[0]['data'][0]['relations']
    fixture[0]['data'][0]['relations'] = [rows[0], [77, 2, 'near', 0, 1], *rows[1:]]
    fixture[1]()


def dangle_pvsg(fixture):
    fixture[0]['data'][0]['relations'].insert(0, [9, 77, 'on', [[0, 1]]])
    fixture[1]()


def dangle_psg(fixture):
    fixture[0]['data'][0]['relations'].insert(0, [0, 77, 0])
    fixture[1]()


def predicate_of_psg(fixture):
    fixture[0]['data'][0]['relations'].insert(0, [0, 1, 77])
    fixture[1]()


def dangle_vg(fixture):
    # Of an image whose other relations are whole.
    fixture[0]['relationships'][2]['relationships'].insert(
        0, vg_relation(9, 'on', 50, 77)
    )
    fixture[1]()


def dangle_gqa(fixture):
    # The other split has the same objects.
    fixture[0]['train'] = json.loads(json.dumps(fixture[0]['train']))
    objects = fixture[0]['train']['2407890']['objects']
    objects['681263']['relations'].append(dict(name='on', object='77'))
    fixture[1]()


def dangle_own(root):
    path = root / 'scene_graphs.json'
    content = json.loads(path.read_bytes())
    row = dict(subject=77, predicate='on', object=2, span=[[0, 1]])
    content['videos'][0]['relations'].insert(0, row)
    path.write_text(json.dumps(content))


def dangle_3dssg(root):
    path = root / 'relationships.json'
    content = json.loads(path.read_bytes())
    content['scans'][0]['relationships'].insert(0, [1, 77, 15, 'standing on'])
    path.write_text(json.dumps(content))


CASES = {
    'gta': ('gta', PSG4DGTADataset, dangle_gta),
    'hoi': ('hoi', PSG4DHOIDataset, dangle_hoi),
    'pvsg': ('pvsg', PVSGDataset, dangle_pvsg),
    'psg': ('psg', PSGDataset, dangle_psg),
    'psg, a predicate': ('psg', PSGDataset, predicate_of_psg),
    'vg': ('vg', VisualGenomeDataset, dangle_vg),
    'gqa': ('gqa', GQADataset, dangle_gqa),
    'own': ('own', SceneGraphFileDataset, dangle_own),
    '3dssg': ('tmp_path', ThreeDSSGDataset, dangle_3dssg),
}


@pytest.mark.parametrize('case', CASES)
def test_one_dangling_relation_is_left_out_and_counted(case, request, tmp_path):
    name, kind, dangle = CASES[case]
    fixture = request.getfixturevalue(name)
    root = tmp_path
    if case == '3dssg':
        write_full(tmp_path)
    elif case == 'gta':
        root = fixture.root
    elif case in ('gqa', 'hoi', 'pvsg'):
        fixture[1]()

    def graphs(**options):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            dataset = kind(data_root=str(root), split='all', **options)
        told = [str(warning.message) for warning in caught]
        assert len(told) <= 1
        return [row['scene_graph'] for row in dataset], ''.join(told)

    expected, told = graphs()
    before = 1 if case == 'vg' else 0
    assert (MESSAGE in told) == bool(before)
    dangle(fixture)
    found, told = graphs()
    assert found == expected
    assert MESSAGE.replace('1', str(1 + before), 1) in told
    with pytest.raises(InputError, match=r'names the unknown (object|sub|segm|pred)'):
        graphs(strict=True)


def spoil_gta(gta):
    path = gta.root / 'masks/alley_1/000001.npy'
    ids = np.load(path)
    ids[-1, -1] = 777
    np.save(path, ids)
    return gta.root, path, (-1, -1), 777


def spoil_hoi(fixture):
    root = fixture[1]()
    path = next(root.glob('HOI4D_mask/*/*/*/*/*/*/T1/mask/00001.npz'))
    ids = np.load(path)['array'].copy()
    # Stored transposed: row 1, column 10 of the image.
    ids[10, 1] = 9001
    np.savez(path, array=ids)
    return root, path, (1, 10), 9001


def spoil_pvsg(fixture):
    root = fixture[1]()
    path = Path(root) / 'vidor/masks/v1/0001.png'
    image = Image.open(path)
    ids = np.array(image)
    ids[0, 0] = 38
    spoilt = Image.fromarray(ids, mode='P')
    spoilt.putpalette(image.getpalette())
    spoilt.save(path)
    return root, path, (0, 0), 38


def spoil_psg(fixture):
    root = fixture[1]()
    path = root / 'coco/annotations/panoptic_train2017/a.png'
    colours = np.array(Image.open(path))
    colours[5, 7] = (1, 2, 3)
    Image.fromarray(colours).save(path)
    return root, path, (5, 7), 1 + 2 * 256 + 3 * 65536


def spoil_own(root):
    path = root / 'masks/kitchen/1.png'
    ids = np.array(Image.open(path))
    ids[5, 7] = 38
    Image.fromarray(ids).save(path)
    return root, path, (5, 7), 38


MASKS = {
    'gta': ('gta', PSG4DGTADataset, spoil_gta),
    'hoi': ('hoi', PSG4DHOIDataset, spoil_hoi),
    'pvsg': ('pvsg', PVSGDataset, spoil_pvsg),
    'psg': ('psg', PSGDataset, spoil_psg),
    'own': ('own', SceneGraphFileDataset, spoil_own),
}


@pytest.mark.filterwarnings('ignore:.*(spans cut|published split)')
@pytest.mark.parametrize('case', MASKS)
def test_an_id_that_the_annotation_lacks_is_void_with_one_warning(case, request):
    name, kind, spoil = MASKS[case]
    root, path, place, stored = spoil(request.getfixturevalue(name))

    def build(**options):
        masks = dict(type='LoadPanopticMasks', frames='all')
        return kind(data_root=str(root), split='all', pipeline=[masks], **options)

    dataset = build()
    pattern = rf'{path.name}: has the unknown object ids \[{stored}\].*as void'
    with pytest.warns(UserWarning, match=pattern) as caught:
        items = list(dataset)
    assert sum('as void' in str(row.message) for row in caught) == 1
    spoilt = [item for item in items if item['unknown_masks']]
    # Two images of PSG share a mask.
    assert len(spoilt) == (2 if case == 'psg' else 1)
    for item in spoilt:
        assert item['unknown_masks'] == [(str(path), [stored])]
        frame = 0 if case == 'psg' else 1
        for thing in item['scene_graph'].objects:
            if frame in thing.tube.frames:
                assert not thing.tube.decode(frame)[place]
    with pytest.raises(InputError, match=rf'{path.name}: has the unknown object ids'):
        list(build(strict=True))


def test_pseudo_masks_of_objects_that_are_left_out_are_known(vg):  # noqa: F811
    root = vg[1]()
    (root / 'masks').mkdir()
    # Places of a man, a hat and an object without a name, and one beyond the list.
    ids = np.zeros((60, 80), np.uint16)
    ids[0], ids[1], ids[2], ids[3] = 1, 2, 3, 9
    Image.fromarray(ids).save(root / 'masks/1.png')
    load = [dict(type='LoadPanopticMasks', frames='all')]
    with pytest.warns(UserWarning, match='objects without a name'):
        dataset = VisualGenomeDataset(data_root=str(root), split='all', pipeline=load)
    with pytest.warns(UserWarning, match=r'unknown object ids \[9\]'):
        item = dataset[0]
    tubes = {o.id: o.tube.decode(0) for o in item['scene_graph'].objects}
    assert {key: np.flatnonzero(t.any(axis=1)) for key, t in tubes.items()} == {
        10: [0],
        11: [1],
    }


def test_ids_of_0_are_refused_wherever_masks_are_read_by_them(gta, own):  # noqa: F811
    path = own / 'scene_graphs.json'
    path.write_text(path.read_text().replace('"id": 1', '"id": 0'))
    path.write_text(path.read_text().replace('"subject": 1', '"subject": 0'))
    message = r"graphs\.json: video 'kitchen': has an object with the id 0, expected"
    with pytest.raises(InputError, match=message):
        SceneGraphFileDataset(data_root=str(own))
    # Without masks nothing is told apart by ids.
    (own / 'masks').rename(own / 'elsewhere')
    dataset = SceneGraphFileDataset(data_root=str(own))
    assert [item.id for item in dataset[0]['scene_graph'].objects] == [0, 2]
    # A pipeline that reads masks from elsewhere notices it, too.
    load = dict(type='LoadPanopticMasks', frames='all')
    dataset = SceneGraphFileDataset(
        data_root=str(own), data_prefix=dict(mask='nowhere'), pipeline=[load]
    )
    with pytest.raises(InputError, match="video 'kitchen': has an object with the id"):
        dataset[0]


def test_a_mask_id_of_0_is_refused(hoi):  # noqa: F811
    content, write = hoi
    content['data'][1]['object'][1]['mask_id'] = 0
    (write() / 'categories.json').write_text('{"0": "void", "3": "hand", "7": "cup"}')
    message = r'data\[1\]\.object\[1\]: has the mask_id 0, expected one above 0'
    with pytest.raises(InputError, match=message):
        PSG4DHOIDataset(data_root=str(write()), split='all')


def test_own_data_without_masks_keeps_its_boxes_in_the_image(own):  # noqa: F811
    path = own / 'scene_graphs.json'
    content = json.loads(path.read_bytes())
    boxes = {'0': [-1, 2, 9, 5], '1': [8, 0, 9, 5], '2': [1, 2, 1, 5]}
    content['videos'][0]['objects'][0]['boxes'] = boxes
    path.write_text(json.dumps(content))
    with pytest.warns(UserWarning, match='2 boxes without area in the image left'):
        dataset = SceneGraphFileDataset(data_root=str(own))
    graph = dataset[0]['scene_graph']
    assert [item.boxes for item in graph.objects] == [{0: (0, 2, 8, 5)}, None]
    # Its masks show it still.
    assert len(graph.relations) == 1
