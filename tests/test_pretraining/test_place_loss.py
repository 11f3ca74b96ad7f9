import pytest
import torch
import torch.nn.functional as F

from mmfourdpsg.models.scene_graph_heads import ObjectPrompts
from mmfourdpsg.pretraining.text.place_loss import ObjectPlaces, PlaceLoss
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, SceneObject


@pytest.fixture
def place_loss():
    torch.manual_seed(1)
    return PlaceLoss(16, num_frames=2, place_weight=3.0)


@pytest.fixture
def sample():
    masks = torch.zeros(2, 2, 8, 8, dtype=torch.bool)
    masks[0, :, 2:4, 4:8] = True
    masks[1, 1, 0:2, 0:2] = True  # seen in the second frame alone
    sample = SceneGraphDataSample(
        metainfo=dict(num_frames=4, frame_indices=[0, 2], fps=5.0)
    )
    objects = [SceneObject(i, name) for i, name in enumerate(('cube', 'ball'))]
    sample.gt_scene_graph = SceneGraph('v', 8, 8, 4, objects, [])
    sample.gt_masks = masks
    return sample


BOXES = torch.tensor([[0.125, 0.125, 0.25, 0.25], [0.75, 0.375, 0.5, 0.25]])


def test_places_are_compared_where_an_object_is_shown(place_loss, sample):
    states = torch.randn(2, 16)
    found = place_loss([ObjectPrompts([1, 0], states)], [sample])['loss_place']
    boxes = place_loss.place_head(states).view(2, 2, 4)
    # The ball in the second frame, the cube in both.
    found_boxes = torch.stack([boxes[0, 1], boxes[1, 0], boxes[1, 1]])
    expected = F.smooth_l1_loss(found_boxes, BOXES[[0, 1, 1]], beta=0.05)
    torch.testing.assert_close(found, 3.0 * expected)


def test_videos_weigh_the_same(place_loss, sample):
    first = ObjectPrompts([0, 1], torch.randn(2, 16))
    second = ObjectPrompts([0], torch.randn(1, 16))
    both = place_loss([first, second], [sample, sample])['loss_place']
    alone = [place_loss([item], [sample])['loss_place'] for item in (first, second)]
    torch.testing.assert_close(both, (alone[0] + alone[1]) / 2)


def test_nothing_to_place_gives_zero(place_loss, sample):
    sample.gt_masks[:] = False
    found = place_loss([ObjectPrompts([0, 1], torch.randn(2, 16))], [sample])
    assert found == dict(loss_place=0)
    found['loss_place'].backward()


def test_a_box_is_where_the_mask_is(sample):
    places = ObjectPlaces.from_masks(sample.gt_masks)
    assert places.shown.tolist() == [[True, True], [False, True]]
    torch.testing.assert_close(places.boxes[1, 1], BOXES[0])
    assert not places.boxes[1, 0].any()
