import pytest
import torch

from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, SceneObject


@pytest.mark.parametrize('object_ids', [[], [9], [9, 4], [2, 4, 9]])
def test_masks_are_those_of_the_ids_in_the_order_asked_for(object_ids):
    ids = [4, 9, 2]
    sample = SceneGraphDataSample()
    objects = [SceneObject(object_id, 'cup') for object_id in ids]
    sample.gt_scene_graph = SceneGraph('v', 5, 6, 2, objects, [])
    sample.gt_masks = torch.rand(3, 2, 5, 6) < 0.5
    masks = sample.masks_of(object_ids)
    assert masks.shape == (len(object_ids), 2, 5, 6)
    for mask, object_id in zip(masks, object_ids, strict=True):
        assert torch.equal(mask, sample.gt_masks[ids.index(object_id)])


def test_an_unknown_object_has_no_mask():
    sample = SceneGraphDataSample()
    sample.gt_scene_graph = SceneGraph('v', 5, 6, 2, [SceneObject(4, 'cup')], [])
    sample.gt_masks = torch.ones(1, 2, 5, 6, dtype=torch.bool)
    with pytest.raises(KeyError):
        sample.masks_of([3])
