import pytest
import torch
from mmengine.dataset import pseudo_collate

from mmfourdpsg.models.data_preprocessors import SceneGraphDataPreprocessor
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample


def _item(name, frames, height, width, dtype=torch.float32):
    generator = torch.Generator().manual_seed(frames)
    size = (frames, 3, height, width)
    return dict(
        inputs=dict(
            rgb=torch.randint(1, 256, size, generator=generator, dtype=torch.uint8),
            depth=torch.rand(frames, height, width, generator=generator).to(dtype) + 1,
        ),
        data_samples=SceneGraphDataSample(metainfo=dict(video_id=name)),
    )


def test_a_batch_is_padded_at_the_end_bottom_and_right():
    items = [_item('a', 3, 4, 9), _item('b', 5, 6, 7)]
    preprocessor = MODELS.build(dict(type='SceneGraphDataPreprocessor'))
    batch = preprocessor(pseudo_collate(items), training=True)
    inputs = batch['inputs']
    assert set(inputs) == {'rgb', 'depth', 'frame_mask'}
    assert inputs['rgb'].shape == (2, 5, 3, 6, 9)
    assert inputs['rgb'].dtype == torch.uint8
    assert inputs['depth'].shape == (2, 5, 6, 9)
    assert inputs['depth'].dtype == torch.float32
    assert inputs['frame_mask'].dtype == torch.bool
    assert inputs['frame_mask'].tolist() == [[True] * 3 + [False] * 2, [True] * 5]
    for row, item in enumerate(items):
        rgb, depth = item['inputs']['rgb'], item['inputs']['depth']
        t, h, w = depth.shape
        assert torch.equal(inputs['rgb'][row, :t, :, :h, :w], rgb)
        assert torch.equal(inputs['depth'][row, :t, :h, :w], depth)
        # Nothing but zeros beside what was there.
        assert inputs['rgb'][row].count_nonzero() == rgb.count_nonzero()
        assert inputs['depth'][row].count_nonzero() == depth.numel()
    assert [sample.video_id for sample in batch['data_samples']] == ['a', 'b']


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_depth_keeps_its_type(dtype):
    data = pseudo_collate([_item('a', 2, 3, 3, dtype), _item('b', 1, 3, 3, dtype)])
    assert SceneGraphDataPreprocessor()(data)['inputs']['depth'].dtype == dtype


def test_a_batch_needs_no_data_samples():
    item = _item('a', 2, 3, 4)
    data = dict(inputs={key: [value] for key, value in item['inputs'].items()})
    batch = SceneGraphDataPreprocessor()(data)
    assert batch['data_samples'] is None
    assert batch['inputs']['rgb'].shape == (1, 2, 3, 3, 4)


def test_a_batch_moves_to_the_device():
    preprocessor = SceneGraphDataPreprocessor()
    preprocessor._device = torch.device('meta')
    inputs = preprocessor(pseudo_collate([_item('a', 2, 3, 4)]))['inputs']
    assert {value.device.type for value in inputs.values()} == {'meta'}


def test_depth_of_another_shape_than_rgb_is_refused():
    item = _item('a', 2, 3, 4)
    item['inputs']['depth'] = item['inputs']['depth'][:1]
    with pytest.raises(ValueError, match=r'shape \(1, 3, 4\), expected \(2, 3, 4\)'):
        SceneGraphDataPreprocessor()(pseudo_collate([item]))
