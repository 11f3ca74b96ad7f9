import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config

from mmfourdpsg.models.scene_graph_heads import ObjectPrompts
from mmfourdpsg.pretraining.alignment.prompt_losses import PromptLosses
from mmfourdpsg.pretraining.sam2.simulated_prompts import ObjectEmbedding
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, SceneObject
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import save_weights

SIZE = 64  # of the masks that are compared


@pytest.fixture
def losses(repository):
    torch.manual_seed(0)
    path = repository / 'configs/_base_/models/tube_decoders/sam2_mini.py'
    decoder = dict(Config.fromfile(path).sam2_mini, freeze=('image_encoder',))
    module = PromptLosses(16, decoder, prompt_weight=2.0)
    module.init_weights()
    return module


@pytest.fixture
def batch():
    masks = torch.zeros(2, 1, 48, 64, dtype=torch.bool)
    masks[0, :, 8:24, 8:40] = True
    sample = SceneGraphDataSample(metainfo=dict(img_shape=(48, 64)))
    objects = [SceneObject(i, name) for i, name in enumerate(('cube', 'ball'))]
    sample.gt_scene_graph = SceneGraph('v', 48, 64, 1, objects, [])
    sample.gt_masks = masks
    rgb = torch.randint(0, 255, (1, 1, 3, 48, 64), dtype=torch.uint8)
    inputs = dict(rgb=rgb, frame_mask=torch.ones(1, 1, dtype=torch.bool))
    return inputs, [sample]


def test_prompts_are_pulled_to_looks_and_place_of_what_is_shown(losses, batch):
    inputs, samples = batch
    states = torch.randn(2, 16)
    # The ball is in no frame.
    found = losses(inputs, [ObjectPrompts([1, 0], states)], samples)['loss_prompt']
    sam2 = losses.decoder.sam2
    image = losses.decoder.images(inputs['rgb'][0])
    mask = F.interpolate(samples[0].gt_masks[:1].float(), (SIZE, SIZE), mode='area')
    wanted = losses.object_embedding(
        sam2.encode_frames(image).levels[-1],
        mask[:, 0],
        lambda points: sam2.sam_prompt_encoder.pe_layer.forward_with_coords(
            points, (1, 1)
        ),
    )
    expected = F.smooth_l1_loss(losses.prompt_projector(states[1:]), wanted)
    torch.testing.assert_close(found, 2.0 * expected)


def test_mask_losses_are_those_of_the_tube_decoder(losses, batch):
    inputs, samples = batch
    states = torch.randn(2, 16)
    found = losses(inputs, [ObjectPrompts([1, 0], states)], samples)
    del found['loss_prompt']
    masks = samples[0].gt_masks[[1, 0]]
    expected = losses.decoder.loss(**inputs, prompts=[states], gt_masks=[masks],
                                   img_shapes=[(48, 64)])  # fmt: skip
    assert found.keys() == expected.keys()
    for name, value in found.items():
        torch.testing.assert_close(value, expected[name])


def test_states_and_projector_train_and_sam2_stays(losses, batch):
    states = torch.randn(2, 16, requires_grad=True)
    found = losses.train()(batch[0], [ObjectPrompts([0, 1], states)], batch[1])
    mask_losses = sum(value for key, value in found.items() if key != 'loss_prompt')
    for total in (mask_losses, found['loss_prompt']):
        gradients = torch.autograd.grad(
            total, [states, losses.prompt_projector.weight], retain_graph=True
        )
        assert all(gradient.abs().sum() > 0 for gradient in gradients)
    sum(found.values()).backward()
    trained = {name for name, w in losses.named_parameters() if w.grad is not None}
    assert trained == {
        'decoder.prompt_projector.weight',
        'decoder.prompt_projector.bias',
    }


def test_nothing_to_prompt_gives_zero(losses, batch):
    inputs, samples = batch
    samples[0].gt_masks[:] = False
    states = torch.randn(2, 16, requires_grad=True)
    found = losses(inputs, [ObjectPrompts([0, 1], states)], samples)
    assert found['loss_prompt'] == found['loss_dice'] == 0
    sum(found.values()).backward()


def test_the_embedding_is_loaded(losses, repository, tmp_path):
    path = tmp_path / 'prompts.safetensors'
    embedding = ObjectEmbedding(losses.decoder.sam2.hidden_dim)
    save_weights(path, embedding.state_dict(), dtype=torch.float32)
    losses.checkpoint = str(path)
    losses.init_weights()
    for name, weight in losses.object_embedding.state_dict().items():
        assert torch.equal(weight, embedding.state_dict()[name])
    save_weights(path, ObjectEmbedding(8).state_dict(), dtype=torch.float32)
    with pytest.raises(InputError, match=r'prompts\.safetensors'):
        losses.init_weights()
