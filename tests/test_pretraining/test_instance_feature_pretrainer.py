import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config

from mmfourdpsg.pretraining.sam2.instance_feature_pretrainer import InstanceLoss
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample, SceneObject

SAM2 = Config.fromfile('configs/_base_/models/tube_decoders/sam2_mini.py').sam2_mini
# Rows and columns of a raw mask.
SIDE = SAM2.sam2.image_size // 4


@pytest.fixture
def decoder():
    torch.manual_seed(0)
    module = MODELS.build(dict(SAM2.to_dict(), prompt_channels=1))
    module.init_weights()
    return module


@pytest.fixture
def batch():
    masks = torch.zeros(2, 2, 48, 64, dtype=torch.bool)
    masks[0, :, :24] = True
    masks[1, 0, 24:] = True  # in the second frame, nobody's
    samples = []
    for rows in (masks, masks[:1, :1]):
        sample = SceneGraphDataSample(metainfo=dict(img_shape=(48, 64)))
        objects = [SceneObject(i, 'cube') for i in range(len(rows))]
        sample.gt_scene_graph = SceneGraph('v', 48, 64, 2, objects, [])
        sample.gt_masks = rows
        samples.append(sample)
    generator = torch.Generator().manual_seed(0)
    shape = (2, 2, 3, 48, 64)
    rgb = torch.randint(0, 255, shape, generator=generator, dtype=torch.uint8)
    return dict(rgb=rgb, frame_mask=torch.tensor([[1, 1], [1, 0]]).bool()), samples


def test_each_pixel_is_compared_with_the_means_of_its_frame(decoder, batch):
    inputs, samples = batch
    module = InstanceLoss(32, 8, weight=2.0)
    found = module(decoder, inputs, samples)['loss_instance']
    values, right = [], 0
    for b, frame, wanted in ((0, 0, [0, 1]), (0, 1, [0]), (1, 0, [0])):
        image = decoder.images(inputs['rgb'][b, frame][None])
        pixels = decoder.sam2.unprompted_pixels(decoder.encode(image))[0]
        vectors = F.normalize(module.projection(pixels.flatten(1).T), dim=1)
        # The upper half of the rows is the first object's, the lower the second's.
        owners = (torch.arange(SIDE * SIDE) >= SIDE // 2 * SIDE).long()
        means = torch.stack([vectors[owners == n].mean(0) for n in wanted])
        means = F.normalize(means, dim=1)
        for vector, owner in zip(vectors, owners, strict=True):
            if int(owner) in wanted:
                logits = 10.0 * means @ vector
                values.append(F.cross_entropy(logits[None], owner[None]))
                right += int(logits.argmax() == owner)
    torch.testing.assert_close(found, 2.0 * torch.stack(values).mean())
    assert module.count(decoder, inputs, samples) == (right, len(values))


def test_nothing_is_compared_without_objects(decoder, batch):
    inputs, samples = batch
    for sample in samples:
        sample.gt_masks = sample.gt_masks[:0]
    loss = InstanceLoss(32)(decoder, inputs, samples)['loss_instance']
    assert loss.item() == 0.0
    loss.backward()


def test_pixels_are_what_a_prompted_decoder_begins_with(decoder):
    features = decoder.encode(torch.randn(2, 3, 4 * SIDE, 4 * SIDE))
    pixels = decoder.sam2.unprompted_pixels(features)
    assert pixels.shape == (2, 32, SIDE, SIDE)
    sam = decoder.sam2.sam_mask_decoder
    seen = []
    hook = sam.output_upscaling[4].register_forward_hook(
        lambda _module, _inputs, output: seen.append(output)
    )
    # A transformer that leaves the image as it is.
    rest = sam.transformer
    sam.transformer = Rest()
    tokens = torch.zeros(2, 256)
    decoder.sam2.no_mem_embed.data.zero_()
    decoder.sam2.sam_prompt_encoder.no_mask_embed.weight.data.zero_()
    decoder.sam2.track(features, tokens, decoder.sam2.new_memory_bank(), last=True)
    sam.transformer = rest
    hook.remove()
    torch.testing.assert_close(seen[0], pixels)


class Rest(torch.nn.Module):
    """Attends to nothing."""

    def forward(self, image, _position, tokens):
        return tokens, image.flatten(2).transpose(1, 2)


def test_pretraining_trains_what_pixels_come_from(batch):
    torch.manual_seed(0)
    model = MODELS.build(
        dict(type='InstanceFeaturePretrainer', tube_decoder=SAM2.to_dict())
    )
    losses = model(*batch, mode='loss')
    losses['loss_instance'].backward()
    trained = {name for name, w in model.named_parameters() if w.requires_grad}
    reached = {name for name, w in model.named_parameters() if w.grad is not None}
    assert reached == trained
    assert any('output_upscaling' in name for name in trained)
    assert not any('sam_mask_decoder.transformer' in name for name in trained)
    inputs, samples = batch
    model.eval()(inputs, samples, mode='predict')
    right, number = samples[0].feature_counts['instance_accuracy']
    assert 0 <= right <= number == 1.5 * SIDE * SIDE
    with pytest.raises(ValueError, match='expected loss or predict'):
        model(inputs, samples, mode='tensor')
    assert model.foundation_weights().keys() == model.decoder.sam2.state_dict().keys()
