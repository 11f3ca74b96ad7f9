import json

import pytest

from mmfourdpsg.datasets import ThreeDSSGDataset
from mmfourdpsg.utils import InputError


def write_full(root):
    objects = [dict(id=str(i), label=label) for i, label in ((1, 'Floor'), (2, 'bed'))]
    scans = [
        dict(scan=name, relationships=[[2, 1, 15, 'standing on'], [2, 2, 1, 'none']])
        for name in ('s1', 's2')
    ]
    content = dict(scans=[dict(scan=name, objects=objects) for name in ('s1', 's2')])
    (root / 'objects.json').write_text(json.dumps(content))
    (root / 'relationships.json').write_text(json.dumps(dict(scans=scans)))


def write_subset(root):
    scans = [
        dict(
            scan='s1',
            split=part,
            objects={'1': 'floor', str(part + 2): 'door'},
            relationships=[[part + 2, 1, 14, 'attached to']],
        )
        for part in (0, 1)
    ]
    for name in ('train', 'validation'):
        path = root / f'relationships_{name}.json'
        path.write_text(json.dumps(dict(scans=scans[: 2 if name == 'train' else 1])))


@pytest.mark.filterwarnings('ignore:.*1 relations of an object with itself')
def test_the_full_form_has_one_graph_a_scan(tmp_path):
    write_full(tmp_path)
    with pytest.warns(
        UserWarning, match='2 relations of an object with itself dropped'
    ):
        dataset = ThreeDSSGDataset(data_root=str(tmp_path), split='all')
    assert [row['video_id'] for row in dataset] == ['s1', 's2']
    graph = dataset[0]['scene_graph']
    assert [(o.id, o.category) for o in graph.objects] == [(1, 'floor'), (2, 'bed')]
    assert [(r.subject, r.predicate, r.object) for r in graph.relations] == [
        (2, 'standing on', 1)
    ]
    with pytest.raises(InputError, match=r'has neither relationships_train\.json nor'):
        ThreeDSSGDataset(data_root=str(tmp_path), split='train')
    (tmp_path / 'train_scans.txt').write_text('s2\n')
    assert len(ThreeDSSGDataset(data_root=str(tmp_path), split='train')) == 1


@pytest.mark.filterwarnings('ignore')
def test_attributes_of_all_kinds_are_of_the_object(tmp_path):
    write_full(tmp_path)
    content = json.loads((tmp_path / 'objects.json').read_text())
    content['scans'][0]['objects'][1]['attributes'] = dict(
        color=['Brown', 'dark  red'], state=[], material=['wooden', 'brown']
    )
    content['scans'][0]['objects'][0]['attributes'] = None
    (tmp_path / 'objects.json').write_text(json.dumps(content))
    graph = ThreeDSSGDataset(data_root=str(tmp_path), split='all')[0]['scene_graph']
    assert [item.attributes for item in graph.objects] == [
        (),
        ('brown', 'dark red', 'wooden'),
    ]


def test_the_subset_form_has_one_graph_a_part_of_a_scan(tmp_path):
    write_subset(tmp_path)
    for split, names in (
        ('train', ['s1_0', 's1_1']),
        ('val', ['s1_0']),
        ('validation', ['s1_0']),
    ):
        dataset = ThreeDSSGDataset(data_root=str(tmp_path), split=split)
        assert [row['video_id'] for row in dataset] == names
    assert dataset[0]['scene_graph'].objects[1].id == 2


def test_bad_annotations_are_named(tmp_path):
    write_full(tmp_path)
    path = tmp_path / 'relationships.json'
    path.write_text(path.read_text().replace('[2, 1, 15', '[2, 8, 15'))
    with pytest.raises(
        InputError, match=r'relationships\.json: scans\[0\] \(s1\): .*8'
    ):
        ThreeDSSGDataset(data_root=str(tmp_path), split='all', strict=True)
    (tmp_path / 'objects.json').unlink()
    with pytest.raises(InputError, match=r'objects\.json: cannot be read'):
        ThreeDSSGDataset(data_root=str(tmp_path), split='all')


def test_the_real_file_is_read(fixtures_dir):
    root = fixtures_dir / '3dssg'
    with pytest.warns(UserWarning, match='11 relations of an object with itself'):
        dataset = ThreeDSSGDataset(data_root=str(root), split='val')
    raw = json.loads((root / 'relationships_validation.json').read_text())['scans']
    assert len(dataset) == len(raw) == 548
    for row, scan in zip(dataset, raw, strict=True):
        graph = row['scene_graph']
        assert len(graph.objects) == len(scan['objects'])
        triplets = {(s, n, o) for s, o, _, n in scan['relationships'] if s != o}
        assert {(r.subject, r.predicate, r.object) for r in graph.relations} == triplets


def test_export_is_the_graph(tmp_path, exported):
    write_subset(tmp_path)
    graphs = exported('3dssg', tmp_path, 'train')
    dataset = ThreeDSSGDataset(data_root=str(tmp_path))
    assert graphs == [row['scene_graph'] for row in dataset]
