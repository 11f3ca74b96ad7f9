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


def test_what_the_file_says_of_objects_and_relations_is_kept(own):
    objects = [SceneObject(1, 'cup', attributes=('red',), description='it steams')]
    objects.append(SceneObject(2, 'table', is_thing=False))
    relations = [Relation(1, 'on', 2, [(0, 4)], reason='they touch')]
    graph = SceneGraph('kitchen', 6, 8, FRAMES, objects, relations)
    save_scene_graphs([graph], own / 'scene_graphs.json')
    assert build(own, pipeline=[])[0]['scene_graph'] == graph


def test_a_list_of_videos_is_a_split(own):
    (own / 'val.txt').write_text('office\n')
    assert len(build(own, split='train')) == 2
    (own / 'train.txt').write_text('kitchen\n')
    assert [len(build(own, split=name)) for name in ('train', 'val', 'all')] == [
        1,
        1,
        2,
    ]


def test_depth_may_be_arrays_of_metres_or_absent(own):
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


def test_depth_and_masks_pair_with_frames_by_number(own):
    for kind, name, new in (
        ('rgb', 'frame{}.png', '{:05d}_rgb.png'),
        ('masks', '{}.png', 'm_{}.png'),
    ):
        for t in range(FRAMES):
            folder = own / kind / 'office'
            (folder / name.format(t)).rename(folder / new.format(3 * t))
    for t in reversed(range(FRAMES)):
        folder = own / 'depth' / 'office'
        (folder / f'd-{t}.png').rename(folder / f'd-{3 * t}.png')
    item = build(own)[1]
    expected = [pytest.approx(1 + t / 1000) for t in range(FRAMES)]
    assert item['inputs']['depth'][:, 0, 0].tolist() == expected
    masks = item['data_samples'].gt_masks
    assert masks[0, :, 0].sum(dim=1).tolist() == [t % 8 + 1 for t in range(FRAMES)]


def test_what_has_no_partner_is_told_and_never_shifted(own):
    for path, number in (('depth/office/d-', 4), ('masks/office/', 3)):
        (own / f'{path}{number}.png').rename(own / f'{path}11.png')
    says = (
        r'depth/office: does not pair with .*rgb/office: no depth map for frame4\.png '
        r'and no RGB frame for d-11\.png; .*masks/office: .*no mask for frame3\.png '
        r'and no RGB frame for 11\.png'
    )
    with pytest.raises(InputError, match=says):
        build(own)
    dataset = build(own, faults='keep')
    assert dataset[0]['data_samples'].video_id == 'kitchen'
    with pytest.raises(InputError, match=says):
        dataset[1]
    (own / 'rgb/kitchen/frame0.png').unlink()
    with pytest.raises(InputError, match=r'rgb/kitchen: holds 10 .*so do 1 more video'):
        build(own)
    options = dict(filter_cfg=dict(exclude_videos=['kitchen']))
    with pytest.warns(UserWarning, match='filter_cfg dropped 1 of 2 videos'):
        assert len(build(own, faults='keep', **options)) == 1
        with pytest.raises(InputError, match='office: does not pair'):
            build(own, **options)


def test_times_pair_within_the_tolerance(own):
    for t in range(FRAMES):
        for kind, name, offset in (
            ('rgb', f'frame{t}', 0.175304),
            ('depth', f'd-{t}', 0.160407),
            ('masks', f'{t}', 0.175304),
        ):
            folder = own / kind / 'office'
            time = 1305031102 + offset + 0.033 * t
            (folder / f'{name}.png').rename(folder / f'{time:.6f}.png')
    depth = build(own)[1]['inputs']['depth']
    expected = [pytest.approx(1 + t / 1000) for t in range(FRAMES)]
    assert depth[:, 0, 0].tolist() == expected
    with pytest.raises(InputError, match='no depth map for 1305031102'):
        build(own, time_tolerance=0.01)


def test_a_depth_scale_holds_for_arrays_too(own):
    for path in (own / 'depth').rglob('*.png'):
        stored = np.asarray(Image.open(path)).astype(np.float32)
        np.savez(path.with_suffix('.npz'), stored)
        path.unlink()
    decoder = dict(type='MetricDepthDecoder', scale=5000)
    depth = build(own, depth_decoder=decoder)[0]['inputs']['depth']
    assert depth[:, 0, 0].tolist() == [
        pytest.approx(0.2 + t / 5000) for t in range(FRAMES)
    ]
    assert build(own)[0]['inputs']['depth'][0, 0, 0] == 1000


def test_ground_truth_with_tubes_is_exported_for_evaluation(own, exported):
    graph = exported('own', own)[0]
    assert [len(item.tube) for item in graph.objects] == [FRAMES, FRAMES]
    assert [item.tube.select([2]).area() for item in graph.objects] == [3, 45]
    assert graph.relations == [Relation(1, 'on', 2, [(0, 4)])]
