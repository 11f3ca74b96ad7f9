import json

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config

import mmfourdpsg.pretraining  # noqa: F401  (registers the pretrainers)
from mmfourdpsg.models.fusion import SAGate
from mmfourdpsg.models.projectors import MLPProjector
from mmfourdpsg.models.scene_encoders import IdentityTokenMerging
from mmfourdpsg.models.tube_decoders.training_clip import make_training_clip
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import save_weights

CHANNELS = 16
ENCODER = dict(num_blocks=1, num_heads=2, patch_size=16, image_size=48)
SAM2 = Config.fromfile('configs/_base_/models/tube_decoders/sam2_mini.py').sam2_mini


@pytest.fixture
def build(tmp_path):
    torch.manual_seed(0)
    names = tmp_path / 'names.safetensors'
    state = dict(
        means=torch.randn(2, CHANNELS),
        object_factor=0.1 * torch.eye(CHANNELS),
        patch_factor=0.1 * torch.eye(CHANNELS),
    )
    save_weights(names, state, dict(names=json.dumps(['cube', 'table'])), torch.float32)

    def make(**options):
        torch.manual_seed(0)
        return MODELS.build(
            dict(
                type='SceneCaptionPretrainer',
                scene_encoder=dict(
                    type='SceneEncoder',
                    rgb_encoder=dict(
                        type='ImageBindVisionEncoder', embed_dims=CHANNELS, **ENCODER
                    ),
                    depth_encoder=dict(
                        type='ImageBindDepthEncoder', embed_dims=8, **ENCODER
                    ),
                    depth_to_disparity=dict(
                        type='DepthToDisparity', fx=100.0, baseline=0.1
                    ),
                    aggregator=dict(type='SAGate'),
                    token_merging=dict(type='IdentityTokenMerging'),
                ),
                scene_graph_head=dict(
                    type='LLMSceneGraphHead',
                    language_model=dict(
                        type='CausalLanguageModel',
                        name_or_path='checkpoints/tabletop/tiny_llama',
                        pretrained=False,
                    ),
                    text_format=dict(
                        type='DirectTextFormat', decimals=2, objects_first=True
                    ),
                ),
                scene_description=dict(type='DescribedScene', embed_dims=256),
                named_patches=dict(names=str(names)),
                place_loss=dict(num_frames=2),
                prompt_losses=dict(tube_decoder={**SAM2, 'freeze': ('image_encoder',)}),
            )
            | options
        )

    return make


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    masks = torch.zeros(2, 2, 48, 64, dtype=torch.bool)
    masks[0, :, :16] = True
    masks[1, 1, 32:, 32:] = True
    samples = []
    for index in range(2):
        sample = SceneGraphDataSample(
            metainfo=dict(num_frames=10, frame_indices=[2, 6], fps=5.0)
        )
        objects = [SceneObject(0, 'cube'), SceneObject(1, 'table', is_thing=False)]
        rows = [Relation(0, 'on', 1, [(0, 9)])]
        sample.gt_scene_graph = SceneGraph(f'v{index}', 48, 64, 10, objects, rows)
        sample.gt_masks = masks
        sample.set_metainfo(dict(img_shape=(48, 64)))
        samples.append(sample)
    shape = (2, 2, 3, 48, 64)
    inputs = dict(
        rgb=torch.randint(0, 255, shape, generator=generator, dtype=torch.uint8),
        depth=torch.rand(2, 2, 48, 64, generator=generator) + 0.5,
        frame_mask=torch.ones(2, 2, dtype=torch.bool),
    )
    return inputs, samples


def test_all_but_encoders_description_and_sam2_trains(build, batch):
    model = build(num_described=1)
    losses = model(*batch, mode='loss')
    of_masks = ('dice', 'focal', 'iou', 'object_score')
    names = ('align', 'caption', *of_masks, 'place', 'prompt', 'txt')
    assert sorted(losses) == sorted(f'loss_{name}' for name in names)
    sum(losses.values()).backward()
    encoder = model.scene_encoder
    for part in (
        encoder.aggregator,
        encoder.token_merging,
        model.scene_graph_head.projector,
        model.scene_graph_head.language_model,
        model.prompt_losses.prompt_projector,
    ):
        gradients = [w.grad for w in part.parameters() if w.grad is not None]
        assert sum(g.abs().sum() for g in gradients) > 0, type(part).__name__
    for part in (
        encoder.rgb_encoder,
        encoder.depth_encoder,
        model.scene_description,
        model.prompt_losses.decoder.sam2,
        model.prompt_losses.object_embedding,
    ):
        assert all(w.grad is None for w in part.parameters()), type(part).__name__


def test_images_are_asked_for_objects_and_words_for_graphs(build, batch):
    model = build(num_described=1).eval()
    inputs, samples = batch
    losses = model(inputs, samples, mode='loss')
    head, description = model.scene_graph_head, model.scene_description
    model(inputs, samples, mode='predict')
    loss, count, _ = samples[0].caption_likelihood
    written = head.language_model.encode_answer('cube 1 [Obj]; table 1 [Obj];')
    # Nothing says that the text ends here.
    assert count == len(written)
    other, more, _ = samples[1].caption_likelihood
    mean = (loss + other) / (count + more)
    assert float(losses['loss_caption']) == pytest.approx(mean, rel=1e-4)
    tokens, mask = description(samples[:1], head.language_model.embed_label)
    rows = head.text_likelihood(tokens, mask, samples[:1], project=False)
    assert float(losses['loss_txt']) == pytest.approx(rows[0][0] / rows[0][1], rel=1e-4)
    assert samples[0].text_likelihood == pytest.approx(rows[0], rel=1e-4)
    assert rows[0][1] > count


def test_words_can_be_left_out(build, batch):
    losses = build(num_described=0)(*batch, mode='loss')
    assert 'loss_txt' not in losses
    with pytest.raises(ValueError, match='expected loss or predict'):
        build()(*batch, mode='tensor')


def test_alignment_compares_with_the_words_for_each_patch(build):
    model = build(align_weight=2.0, align_patches=7).eval()
    torch.manual_seed(3)
    found = model._align_loss()
    torch.manual_seed(3)
    sampled = model.named_patches.sample(7, model.scene_encoder.token_merging)
    errors = []
    for token, name, moment, box in zip(*sampled, strict=True):
        embedding = model.scene_graph_head.language_model.embed_label(name)
        wanted = model.scene_description.tokens(
            embedding[None], moment[None], box[None]
        )[0]
        errors.append(F.smooth_l1_loss(model.scene_graph_head.projector(token), wanted))
    torch.testing.assert_close(found, 2.0 * torch.stack(errors).mean())


def test_the_projector_is_fitted_before_training(build):
    model = build(align_steps=60, align_patches=256)
    before = float(model._align_loss())
    language_model = model.scene_graph_head.language_model
    rows = language_model.embed_tokens(torch.arange(5)).detach().clone()
    model.init_weights()
    assert float(model._align_loss()) < 0.7 * before
    assert torch.equal(language_model.embed_tokens(torch.arange(5)), rows)
    assert all(weight.grad is None for weight in model.parameters())


def test_images_are_seen_in_sampled_frames(build, batch):
    model = build(image_frames=1, named_patches=None, num_described=0)
    inputs, samples = batch
    torch.manual_seed(1)
    frame = int(torch.randperm(2)[0])
    torch.manual_seed(1)
    seen, shown = model._sample_frames(inputs, samples)
    assert torch.equal(seen['rgb'], inputs['rgb'][:, [frame]])
    assert shown[0].frame_indices == [[2, 6][frame]]
    assert torch.equal(shown[0].gt_masks, samples[0].gt_masks[:, [frame]])
    # What is described in words is so in all frames.
    assert samples[0].frame_indices == [2, 6]
    assert 'loss_align' not in model(*batch, mode='loss')


def test_sam2_trains_where_it_is_told_to(build, batch):
    decoder = {**SAM2, 'freeze': ()}
    model = build(
        named_patches=None,
        prompt_losses=dict(tube_decoder=decoder, train_decoder=True, prompt_weight=0.0),
    )
    losses = model(*batch, mode='loss')
    assert 'loss_prompt' not in losses
    sum(losses.values()).backward()
    sam2 = model.prompt_losses.decoder.sam2
    for part in (sam2.image_encoder, sam2.sam_mask_decoder):
        gradients = [w.grad for w in part.parameters() if w.grad is not None]
        assert sum(g.abs().sum() for g in gradients) > 0
    assert model.sam2_weights().keys() == sam2.state_dict().keys()


def test_sam2_goes_on_to_follow_what_is_pointed_at(build, batch):
    learned = dict(tube_decoder={**SAM2, 'freeze': ()}, train_decoder=True)
    model = build(
        named_patches=None,
        num_described=0,
        prompt_losses=learned,
        promptable=dict(num_videos=1, kinds=dict(box=1.0), noise=0.0),
    )
    inputs, samples = batch
    losses = model(inputs, samples, mode='loss')
    first = {name: value[:1] for name, value in inputs.items()}
    for name, value in model.promptable.loss(first, samples[:1]).items():
        found = losses[f'loss_promptable_{name.removeprefix("loss_")}']
        torch.testing.assert_close(found, value)
    # Nothing of it would be trained twice.
    assert model.promptable.decoder is model.prompt_losses.decoder
    names = [name for name, _ in model.named_parameters()]
    assert not any(name.startswith('promptable.decoder') for name in names)


def test_objects_are_followed_through_all_frames(build, batch):
    inputs, samples = batch
    model = build(named_patches=None).eval()
    model(inputs, samples, mode='predict')
    rows = samples[0].prompted_ious
    # The second object is shown in the second frame alone.
    assert [(kind, frame) for kind, frame, _ in rows] == [
        ('thing', 0),
        ('thing', 1),
        ('stuff', 1),
    ]
    tokens, mask = model._encode(inputs, samples)
    _, prompts = model.scene_graph_head.loss(
        tokens, mask, samples, text_format=model.caption_format
    )
    decoder = model.prompt_losses.decoder
    clip = make_training_clip(
        inputs['rgb'][:1],
        inputs['frame_mask'][:1],
        [prompts[0].states],
        [samples[0].gt_masks],
        [(48, 64)],
        decoder.loss_size,
    )
    logits, _, score = decoder.decode_clip(clip)
    found = F.interpolate(logits, (64, 64), mode='bilinear')[0, 0] > 0
    found &= score[0, 0] > 0
    target = clip.targets[0, 0] > 0.5
    expected = float((found & target).sum() / (found | target).sum())
    assert rows[0][2] == pytest.approx(expected)


def test_captions_are_written_in_both_formats(build, batch, monkeypatch):
    head = dict(
        type='LLMSceneGraphHead',
        language_model=dict(
            type='CausalLanguageModel',
            name_or_path='checkpoints/tabletop/tiny_llama',
            pretrained=False,
        ),
        text_format=dict(type='ChainedTextFormat'),
        direct_text_format=dict(type='DirectTextFormat', objects_first=True),
    )
    model = build(scene_graph_head=head, named_patches=None)
    written = []
    loss = model.scene_graph_head.loss

    def watched(tokens, mask, samples, *, text_format=None, project=True):
        written.append(text_format)
        return loss(tokens, mask, samples, text_format=text_format, project=project)

    monkeypatch.setattr(model.scene_graph_head, 'loss', watched)
    for share in (0.0, 1.0):
        model.scene_graph_head.conversations.direct_share = share
        model(*batch, mode='loss')
    # Captions alternate with graphs, whose format the head chooses.
    graph = batch[1][0].gt_scene_graph
    texts = [form.format(graph).turns[-1].text for form in written[::2]]
    assert texts == [
        'something | cube [Obj]; something | table [Obj];',
        'cube 1 [Obj]; table 1 [Obj];',
    ]
    assert written[1::2] == [None, None]


def test_4d_llm_begins_with_what_was_learned(build, batch, tmp_path):
    model = build().eval()
    path = tmp_path / 'alignment.safetensors'
    save_weights(path, model.alignment_weights(), dtype=torch.float32)
    gate = SAGate(CHANNELS, 8, checkpoint=str(path))
    merging = IdentityTokenMerging(CHANNELS, checkpoint=str(path))
    projector = MLPProjector(CHANNELS, 256, checkpoint=str(path))
    for part in (gate, merging, projector):
        part.init_weights()
    encoder, inputs = model.scene_encoder, batch[0]
    rgb = encoder.encode_rgb(inputs['rgb'])
    depth = encoder.encode_depth(inputs['depth'])
    times = torch.tensor([[0.25, 0.65]] * 2)
    has_depth = torch.ones(2, 2, dtype=torch.bool)
    tokens, _ = merging(gate(rgb, depth, has_depth), inputs['frame_mask'], times)
    expected, _ = encoder(inputs['rgb'], inputs['depth'], inputs['frame_mask'], times)
    torch.testing.assert_close(
        projector(tokens), model.scene_graph_head.projector(expected)
    )
    assert 'prompt_projector.weight' in model.alignment_weights()
    with pytest.raises(InputError, match=r'weights projector\.\* are not those'):
        MLPProjector(CHANNELS + 1, 256, checkpoint=str(path)).init_weights()


STAGES = ('tiny_llama', 'grounding', 'grounding_fine', 'grounding_lists', 'shipped')


@pytest.mark.parametrize('stage', STAGES)
def test_step_1_reads_and_writes_what_was_learned(repository, stage):
    folder = repository / 'configs'
    learned = Config.fromfile(folder / f'foundation/tabletop/{stage}.py').model
    used = Config.fromfile(folder / '4dllm/tabletop/step1_chained.py').model
    heads = [model.scene_graph_head.to_dict() for model in (learned, used)]
    encoders = [model.scene_encoder.to_dict() for model in (learned, used)]
    # They differ in where the weights are and what prompts SAM2, and in nothing else.
    for head, encoder in zip(heads, encoders, strict=True):
        head['projector'].pop('checkpoint', None)
        del head['prompt_with']
        # The same losses, computed in another way.
        head.pop('pad_texts', None)
        # How answers are read, and how often each form is learned.
        del head['decoder'], head['num_samples'], head['direct_share']
        # Step 1 learns to tell one relation, and weighs what counts in a text.
        head.pop('single_share', None)
        head.pop('token_weights', None)
        del head['language_model']['name_or_path'], head['language_model']['pretrained']
        encoder['aggregator'].pop('checkpoint', None)
        encoder['token_merging'].pop('checkpoint', None)
    assert heads[0] == heads[1]
    assert encoders[0] == encoders[1]
