"""All frames of a video, read one by one and as the loading transforms read them."""

import pickle

import numpy as np
import pytest

from mmfourdpsg.datasets.transforms import OpenRGBDFrames, PackSceneGraphInputs
from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject

READ = [
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='ResizeFrames', size=(6, 8)),
]


class Frames:
    """Counts what is read of frames that have their number as brightness."""

    def __init__(self, shape, scale=1):
        self.shape, self.scale, self.read = shape, scale, []

    def __len__(self):
        return 5

    def __getitem__(self, index):
        self.read.append(index)
        return np.full(self.shape, self.scale * (index + 1), np.uint8)


@pytest.fixture
def results(tmp_path):
    for frame in range(5):
        ids = np.zeros((12, 16), np.int64)
        ids[:6] = 3 + frame % 2
        np.save(tmp_path / f'{frame:06d}.npy', ids)
    objects = [SceneObject(3, 'cup'), SceneObject(4, 'hand')]
    return dict(
        video_id='a', num_frames=5, fps=10.0, test_mode=False, strict=False,
        scene_graph=SceneGraph('a', 1, 1, 5, objects, [Relation(3, 'on', 4, [(1, 3)])]),
        frame_reader=Frames((12, 16, 3), 10), depth_reader=Frames((12, 16)),
        mask_path=str(tmp_path), mask_decoder=dict(type='ArrayMaskDecoder'),
        rng=np.random.default_rng(0),
    )  # fmt: skip


def test_frames_are_read_when_asked_for_and_as_by_the_transforms(results):
    rgb = results['frame_reader']
    opened = OpenRGBDFrames(READ).transform(dict(results))
    assert rgb.read == [0]
    reader = opened['rgbd_reader']
    assert len(reader) == 5
    for index in (3, 0, -1):
        loaded = dict(results, frame_indices=[index % 5])
        for config in READ:
            loaded = TRANSFORMS.build(config)(loaded)
        frame = reader[index]
        np.testing.assert_array_equal(frame.rgb, loaded['rgb'][0])
        np.testing.assert_array_equal(frame.depth, loaded['depth'][0])
        np.testing.assert_array_equal(frame.ids, loaded['panoptic_ids'][0])
        assert (frame.rgb.shape, frame.ids.shape) == ((6, 8, 3), (6, 8))
    assert rgb.read[1:] == [3, 3, 0, 4, 4]  # the first one is not read again
    with pytest.raises(IndexError):
        reader[5]


def test_a_packed_video_has_no_tensors_of_frames_and_may_leave_a_worker(results):
    item = PackSceneGraphInputs()(OpenRGBDFrames(READ).transform(results))
    assert item['inputs']['rgb'].shape == (0, 3, 6, 8)
    assert item['inputs']['depth'].shape == (0, 6, 8)
    sample = item['data_samples']
    assert (sample.ori_shape, sample.img_shape) == ((12, 16), (6, 8))
    graph = sample.gt_scene_graph
    assert (graph.height, graph.width, len(graph.relations)) == (12, 16, 1)
    reader = pickle.loads(pickle.dumps(sample.rgbd_reader))
    assert reader[2].rgb.max() == 30 and reader[2].depth.max() == 3


def test_a_test_keeps_the_tubes_and_the_frames_of_the_video(results):
    results['test_mode'] = True
    masks = TRANSFORMS.build(dict(type='LoadPanopticMasks', frames='all'))
    opened = OpenRGBDFrames(READ[:2] + READ[3:]).transform(masks(results))
    sample = PackSceneGraphInputs()(opened)['data_samples']
    assert sample.rgbd_reader.first.ids is None
    assert sample.gt_scene_graph.objects[0].tube.frames == [0, 2, 4]
    assert sample.frame_reader[1].shape == (12, 16, 3)


def test_without_a_transform_for_it_depth_is_unknown(results):
    opened = OpenRGBDFrames([READ[0]]).transform(results)
    assert (opened['rgbd_reader'][1].depth == 0).all()
