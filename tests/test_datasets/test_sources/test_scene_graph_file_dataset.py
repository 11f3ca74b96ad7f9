import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.datasets import SceneGraphFileDataset
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneObject,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError

FRAMES = 11


@pytest.fixture
def own(tmp_path):
    """Two videos with names of frames that sort wrongly as text."""
    graphs = []
    for name in ('kitchen', 'office'):
        tube = MaskTube.from_masks({0: np.ones((6, 8), bool)}, 6, 8)
        graphs.append(
            SceneGraph(
                name,
                6,
                8,
                FRAMES,
                [
                    SceneObject(1, 'cup', tube=tube),
                    SceneObject(2, 'table', is_thing=False),
                ],
                [Relation(1, 'on', 2, [(0, 4)])],
            )
        )
        for kind in ('rgb', 'depth', 'masks'):
            (tmp_path / kind / name).mkdir(parents=True)
        for t in range(FRAMES):
            ids = np.full((6, 8), 2, np.uint8)
            ids[0, : t % 8 + 1] = 1
            colours = np.full((6, 8, 3), 20 * t, np.uint8)
            Image.fromarray(colours).save(tmp_path / f'rgb/{name}/frame{t}.png')
            metres = np.full((6, 8), 1000 + t, np.uint16)
            Image.fromarray(metres).save(tmp_path / f'depth/{name}/d-{t}.png')
            Image.fromarray(ids).save(tmp_path / f'masks/{name}/{t}.png')
    save_scene_graphs(graphs, tmp_path / 'scene_graphs.json')
    return tmp_path


LOAD = [
    dict(type='SampleFrames', num_frames=FRAMES),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPanopticMasks'),
    dict(type='PackSceneGraphInputs'),
]


def build(root, **options):
    options = dict(pipeline=LOAD) | options
    return SceneGraphFileDataset(data_root=str(root), **options)


def test_frames_go_by_their_natural_order(own):
    dataset = build(own)
    assert [row['data_samples'].video_id for row in dataset] == ['kitchen', 'office']
    item = dataset[1]
    assert item['inputs']['rgb'][:, 0, 0, 0].tolist() == [20 * t for t in range(FRAMES)]
    expected = [pytest.approx(1 + t / 1000) for t in range(FRAMES)]
    assert item['inputs']['depth'][:, 0, 0].tolist() == expected
    masks = item['data_samples'].gt_masks
    assert masks[0, :, 0].sum(dim=1).tolist() == [t % 8 + 1 for t in range(FRAMES)]
    assert dataset.metainfo['thing_classes'] == ['cup']
    assert dataset.metainfo['stuff_classes'] == ['table']


def test_splits_are_lists(own):
    (own / 'val.txt').write_text('office\n')
    assert len(build(own, split='train')) == 2
    (own / 'train.txt').write_text('kitchen\n')
    assert [len(build(own, split=name)) for name in ('train', 'val', 'all')] == [
        1,
        1,
        2,
    ]


def test_arrays_of_metres_and_no_depth(own):
    for path in (own / 'depth').rglob('*.png'):
        path.unlink()
    for name in ('kitchen', 'office'):
        for t in range(FRAMES):
            metres = np.full((6, 8), 2.5, np.float32)
            np.save(own / f'depth/{name}/{t}.npy', metres)
    assert (build(own)[0]['inputs']['depth'] == 2.5).all()
    without = [step for step in LOAD if step['type'] != 'LoadDepthFrames']
    (own / 'depth').rename(own / 'elsewhere')
    assert not build(own, pipeline=without)[0]['inputs']['depth'].any()


def test_what_does_not_fit_is_named(own):
    (own / 'rgb/office/frame3.png').unlink()
    with pytest.raises(InputError, match=r'rgb/office: holds 10 frames, expected 11'):
        build(own)
    (own / 'rgb/office').rename(own / 'rgb/bureau')
    with pytest.raises(InputError, match=r'rgb/office: is no directory'):
        build(own)
    (own / 'scene_graphs.json').write_text('{}')
    with pytest.raises(InputError, match=r'scene_graphs\.json: top level: expected'):
        build(own)
