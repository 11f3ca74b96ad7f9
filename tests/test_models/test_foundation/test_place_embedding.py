import pytest
import torch

from mmfourdpsg.models.foundation.object_prompts import mask_boxes
from mmfourdpsg.models.foundation.place_embedding import PlaceEmbedding, to_boxes
from mmfourdpsg.models.tube_decoders import SAM2TubeDecoder
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, SceneObject
from mmfourdpsg.utils.weight_file import save_weights


def test_boxes_are_centres_and_sides_in_shares():
    masks = torch.zeros(1, 16, 16)
    masks[0, 2:6, 4:12] = 1
    boxes = to_boxes(mask_boxes(masks), 16)
    torch.testing.assert_close(boxes, torch.tensor([[0.5, 0.25, 0.5, 0.25]]))


def test_near_places_have_near_embeddings():
    torch.manual_seed(0)
    place = PlaceEmbedding(16)
    boxes = torch.tensor([[0.5, 0.5, 0.2, 0.2]]).repeat(3, 1)
    boxes[1, 0] += 0.01
    boxes[2, 0] += 0.2
    same, near, far = place(boxes)
    assert (same - near).norm() < 0.3 * (same - far).norm()


@pytest.fixture
def places(tmp_path):
    torch.manual_seed(1)
    path = tmp_path / 'places.safetensors'
    save_weights(path, PlaceEmbedding(32).state_dict(), dtype=torch.float32)
    return path


@pytest.fixture
def model(places):
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='SceneGraphTextPretrainer',
            scene_graph_head=dict(
                type='LLMSceneGraphHead',
                language_model=dict(
                    type='CausalLanguageModel',
                    name_or_path='checkpoints/tabletop/tiny_llama',
                    pretrained=False,
                ),
                text_format=dict(type='DirectTextFormat', decimals=2),
            ),
            scene_description=dict(type='DescribedScene', embed_dims=256),
            num_frames=2,
            places=str(places),
            prompt_channels=32,
            prompt_weight=2.0,
        )
    )


def a_sample():
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


def test_prompts_are_drawn_to_the_place_in_the_first_frame_that_shows_it(model):
    states = torch.randn(2, 256)
    prompts = type('Prompts', (), dict(object_ids=[1, 0], states=states))
    loss = model._place_losses([prompts], [a_sample()])['loss_prompt']
    boxes = torch.tensor([[0.125, 0.125, 0.25, 0.25], [0.75, 0.375, 0.5, 0.25]])
    expected = torch.nn.functional.smooth_l1_loss(
        model.prompt_projector(states), model.place_embedding(boxes)
    )
    torch.testing.assert_close(loss, 2.0 * expected)


def test_the_places_stay_and_the_projector_trains(model):
    losses = model({}, [a_sample()], mode='loss')
    assert sorted(losses) == ['loss_place', 'loss_prompt', 'loss_txt']
    sum(losses.values()).backward()
    assert model.prompt_projector.weight.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in model.place_embedding.parameters())


def test_nothing_to_place_gives_zero(model):
    sample = a_sample()
    sample.gt_masks[:] = False
    losses = model({}, [sample], mode='loss')
    assert losses['loss_place'] == losses['loss_prompt'] == 0


def test_the_tube_decoder_begins_with_the_projector(tmp_path):
    linear = torch.nn.Linear(8, 256)
    path = tmp_path / 'alignment.safetensors'
    state = {f'prompt_projector.{k}': v for k, v in linear.state_dict().items()}
    save_weights(path, state, dtype=torch.float32)
    decoder = SAM2TubeDecoder(
        8,
        sam2=dict(
            image_size=64,
            trunk=dict(
                embed_dim=8,
                num_heads=1,
                stages=(1, 1, 1, 1),
                global_att_blocks=(2,),
                window_pos_embed_bkg_spatial_size=(4, 4),
                window_spec=(4, 2, 2, 2),
            ),
            embed_dims=256,
            memory_attention_layers=1,
        ),
        prompt_checkpoint=str(path),
    )
    decoder.init_weights()
    assert torch.equal(decoder.prompt_projector.weight, linear.weight)
