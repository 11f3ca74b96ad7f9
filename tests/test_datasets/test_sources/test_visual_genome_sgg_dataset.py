import json

import numpy as np
import pytest

from mmfourdpsg.datasets import VisualGenomeSGGDataset
from mmfourdpsg.utils import InputError

h5py = pytest.importorskip('h5py')


@pytest.fixture
def vg150(tmp_path):
    images = [
        dict(image_id=3, width=512, height=256, url=''),
        dict(image_id=1592, width=10, height=10, url=''),
        dict(image_id=4, width=1024, height=2048, url=''),
        dict(image_id=6, width=100, height=100, url=''),
    ]
    words = dict(
        idx_to_label={'1': 'airplane', '2': 'dog'},
        idx_to_predicate={'1': 'above', '2': 'on'},
    )
    arrays = dict(
        boxes_1024=np.array(
            [[100, 80, 40, 20], [10, 10, 20, 20], [512, 512, 512, 512]]
        ),
        labels=np.array([[1], [2], [2]]),
        relationships=np.array([[1, 0], [0, 1]]),
        predicates=np.array([[2], [1]]),
        img_to_first_box=np.array([0, 2, -1]),
        img_to_last_box=np.array([1, 2, -1]),
        img_to_first_rel=np.array([0, -1, -1]),
        img_to_last_rel=np.array([1, -1, -1]),
        split=np.array([0, 2, 2]),
    )

    def write(**changes):
        (tmp_path / 'image_data.json').write_text(json.dumps(images))
        path = tmp_path / 'VG-SGG-dicts-with-attri.json'
        path.write_text(json.dumps(words))
        with h5py.File(tmp_path / 'VG-SGG-with-attri.h5', 'w') as file:
            for key, value in {**arrays, **changes}.items():
                if value is not None:
                    file[key] = value
        return str(tmp_path)

    return write


def test_boxes_count_at_a_longer_side_of_1024_and_labels_from_1(vg150):
    dataset = VisualGenomeSGGDataset(data_root=vg150())
    assert len(dataset) == 1
    graph = dataset[0]['scene_graph']
    assert (graph.video_id, graph.height, graph.width) == ('3', 256, 512)
    # Half of 1024: the longer side is 512.
    assert [(o.id, o.category, o.boxes[0]) for o in graph.objects] == [
        (1, 'airplane', (40, 35, 60, 45)),
        (2, 'dog', (0, 0, 10, 10)),
    ]
    assert [(r.subject, r.predicate, r.object) for r in graph.relations] == [
        (2, 'on', 1),
        (1, 'above', 2),
    ]
    test = VisualGenomeSGGDataset(data_root=vg150(), split='test')
    assert [row['video_id'] for row in test] == ['4', '6']
    # The image has 1024 columns.
    assert test[0]['scene_graph'].objects[0].boxes[0] == (512, 512, 1024, 1536)
    assert test[1]['scene_graph'].objects == []
    assert len(VisualGenomeSGGDataset(data_root=vg150(), split='all')) == 3


def test_boxes_without_area_and_what_is_not_there_are_left_out(vg150):
    changes = dict(
        # One above the image, one without height.
        boxes_1024=np.array(
            [[100, 80, 40, 20], [10, -50, 20, 20], [512, 512, 512, 0], [9, 9, 8, 8]]
        ),
        labels=np.array([[1], [2], [2], [2]]),
        relationships=np.array([[3, 0], [0, 1], [0, 3], [0, 9], [3, 0]]),
        predicates=np.array([[2], [1], [1], [1], [7]]),
        img_to_first_box=np.array([0, -1, -1]),
        img_to_last_box=np.array([3, -1, -1]),
        img_to_last_rel=np.array([4, -1, -1]),
    )
    root = vg150(**changes)
    with pytest.warns(UserWarning) as caught:
        graph = VisualGenomeSGGDataset(data_root=root)[0]['scene_graph']
    assert [(item.id, item.boxes) for item in graph.objects] == [
        (1, {0: (40, 35, 60, 45)}),
        (4, {0: (2.5, 2.5, 6.5, 6.5)}),
    ]
    triplets = [(r.subject, r.predicate, r.object) for r in graph.relations]
    assert triplets == [(4, 'on', 1), (1, 'above', 4)]
    (message,) = [str(row.message) for row in caught]
    for part in (
        '2 boxes without area in the image left out',
        '2 objects without a box left out',
        '1 relations of an object without a box left out',
        '2 relations of an object that is not there left out',
    ):
        assert part in message
    with pytest.raises(
        InputError, match=r'image 3: relation \d names the unknown (obj|pred)'
    ):
        VisualGenomeSGGDataset(data_root=root, strict=True)


def test_bad_archives_are_named(vg150, tmp_path):
    for changes, message in (
        (dict(labels=None), 'labels: is missing, expected an array'),
        (
            dict(labels=np.array([[3], [2], [1]])),
            'label 3, which the dictionaries lack',
        ),
        (
            dict(labels=np.array([[1], [2]])),
            r'labels: has the shape \[2, 1\], expected 3',
        ),
        (dict(labels=np.ones((3, 1))), 'labels: holds float64'),
        (dict(img_to_last_rel=np.array([5, -1, -1])), 'image 3: names rows beyond'),
        (dict(split=np.zeros(2, int)), 'split: has the shape'),
        (
            dict(labels=h5py.ExternalLink('other.h5', 'x')),
            'labels: lies in another file',
        ),
        (dict(labels=h5py.SoftLink('/predicates')), 'labels: lies in another file'),
    ):
        with pytest.raises(InputError, match=message):
            VisualGenomeSGGDataset(data_root=vg150(**changes))
    root = vg150(labels=None)
    with h5py.File(tmp_path / 'VG-SGG-with-attri.h5', 'a') as file:
        # Few bytes on disk that would fill the memory.
        file.create_dataset('labels', (2**40, 1), 'i8', chunks=(1024, 1))
    with pytest.raises(
        InputError, match=r'labels: holds int64 of shape \[1099511627776'
    ):
        VisualGenomeSGGDataset(data_root=root)
    (tmp_path / 'VG-SGG-with-attri.h5').write_bytes(b'no archive')
    with pytest.raises(InputError, match=r'attri\.h5: is damaged'):
        VisualGenomeSGGDataset(data_root=root)


def test_export_is_the_graph(vg150, exported):
    graphs = exported('vg_sgg', vg150())
    dataset = VisualGenomeSGGDataset(data_root=vg150(), split='all')
    assert graphs == [row['scene_graph'] for row in dataset]
