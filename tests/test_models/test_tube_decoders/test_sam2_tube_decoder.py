import numpy as np
import pytest
import torch
from pycocotools import mask as coco_mask

import mmfourdpsg.models.scene_encoders  # noqa: F401  (registers FeatureCache)
from mmfourdpsg.models.losses import MaskDiceLoss, SigmoidFocalLoss
from mmfourdpsg.models.losses.iou_regression_loss import binary_iou
from mmfourdpsg.models.tube_decoders import MemoryBank
from mmfourdpsg.models.tube_decoders.training_clip import (
    choose_videos,
    make_training_clip,
)
from mmfourdpsg.utils import InputError

NAMES = {'loss_iou', 'loss_dice', 'loss_focal', 'loss_object_score'}


def make_batch(moving_shapes, counts=(2, 3), lengths=(3, 2), channels=16):
    """Two videos of different shape and length, padded to one batch."""
    shapes = [(64, 80), (48, 96)]
    rgb = torch.zeros(2, 3, 3, 64, 96, dtype=torch.uint8)
    frame_mask = torch.zeros(2, 3, dtype=torch.bool)
    prompts, masks = [], []
    torch.manual_seed(1)
    for b, ((height, width), count, length) in enumerate(
        zip(shapes, counts, lengths, strict=True)
    ):
        frames, found = moving_shapes(count, length, height, width, seed=b)
        images = torch.from_numpy(frames).permute(0, 3, 1, 2)
        rgb[b, :length, :, :height, :width] = images
        frame_mask[b, :length] = True
        padded = torch.zeros(count, 3, 64, 96, dtype=torch.bool)
        padded[:, :length, :height, :width] = torch.from_numpy(found)
        masks.append(padded)
        prompts.append(torch.randn(count, channels))
    return rgb, frame_mask, prompts, masks, shapes


def one_of(batch, b):
    rgb, frame_mask, prompts, masks, shapes = batch
    length, (height, width) = int(frame_mask[b].sum()), shapes[b]
    return (
        rgb[b : b + 1, :length, :, :height, :width],
        frame_mask[b : b + 1, :length],
        [prompts[b]],
        [masks[b][:, :length, :height, :width]],
        [shapes[b]],
    )


def test_losses_are_means_over_visible_pairs(build, moving_shapes):
    decoder = build()
    batch = make_batch(moving_shapes)
    batch[3][0][1, 2] = False  # an object that leaves
    losses = decoder.loss(*batch)
    assert losses.keys() == NAMES
    clip = make_training_clip(*batch, decoder.loss_size)
    logits, iou, _ = decoder.decode_clip(clip)
    pairs = []
    for n in range(5):
        for k in range(3 if n < 2 else 2):
            if not batch[3][0 if n < 2 else 1][n if n < 2 else n - 2, k].any():
                continue
            mask = torch.nn.functional.interpolate(
                logits[n, k][None, None], (64, 64), mode='bilinear'
            )[0]
            target = clip.targets[n, k][None]
            error = (iou[n, k] - binary_iou(mask, target)) ** 2
            pairs.append(
                torch.stack(
                    [
                        error[0],
                        MaskDiceLoss()(mask, target),
                        20 * SigmoidFocalLoss()(mask, target),
                    ]
                )
            )
    assert len(pairs) < 12
    found = [losses[name] for name in ('loss_iou', 'loss_dice', 'loss_focal')]
    torch.testing.assert_close(
        torch.stack(found), torch.stack(pairs).mean(0), rtol=1e-4, atol=1e-5
    )


def test_a_batch_of_two_equals_each_alone(build, moving_shapes):
    decoder = build()
    batch = make_batch(moving_shapes)
    together = decoder.decode_clip(make_training_clip(*batch, 64))
    first = 0
    for b, length in enumerate((3, 2)):
        alone = decoder.decode_clip(make_training_clip(*one_of(batch, b), 64))
        count = len(batch[2][b])
        for found, expected in zip(together, alone, strict=True):
            torch.testing.assert_close(
                found[first : first + count, :length], expected, rtol=1e-3, atol=1e-4
            )
        first += count


def test_objects_in_passes_equal_all_at_once(build, moving_shapes):
    batch = make_batch(moving_shapes)
    whole, parts = build(), build(objects_per_pass=2)
    expected, found = whole.loss(*batch), parts.loss(*batch)
    for name in NAMES:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-4, atol=1e-5)


def test_every_prompt_and_weight_has_a_gradient(build, moving_shapes):
    decoder = build().train()
    rgb, frame_mask, prompts, masks, shapes = make_batch(moving_shapes)
    prompts = [item.requires_grad_() for item in prompts]
    losses = decoder.loss(rgb, frame_mask, prompts, masks, shapes)
    sum(losses.values()).backward()
    for item in prompts:
        assert (item.grad.abs().amax(1) > 0).all()
    for name, weight in decoder.named_parameters():
        assert (weight.grad is not None) == weight.requires_grad, name


def test_frames_computed_again_give_the_same_gradients(build, moving_shapes):
    batch = make_batch(moving_shapes)
    found = []
    for again in (False, True):
        decoder = build(gradient_checkpointing=again, objects_per_pass=2).train()
        calls = count_calls(decoder.sam2, 'track')
        prompts = [item.clone().requires_grad_() for item in batch[2]]
        losses = decoder.loss(*batch[:2], prompts, *batch[3:])
        sum(losses.values()).backward()
        weights = [p.grad for p in decoder.parameters() if p.grad is not None]
        found.append([*losses.values(), *(item.grad for item in prompts), *weights])
        # Three passes of three frames.
        assert len(calls) == (18 if again else 9)
    assert len(found[0]) == len(found[1]) > 20
    for plain, again in zip(*found, strict=True):
        torch.testing.assert_close(again, plain)
    decoder.eval()
    calls.clear()
    decoder.loss(*batch)
    assert len(calls) == 9


def count_calls(module, name):
    calls, method = [], getattr(module, name)

    def counted(*args, **options):
        calls.append(name)
        return method(*args, **options)

    setattr(module, name, counted)
    return calls


def test_the_last_frame_reaches_the_first_frames_memory(
    build, moving_shapes, monkeypatch
):
    decoder = build().train()
    batch = make_batch(moving_shapes)
    clip = make_training_clip(*one_of(batch, 0), 64)
    kept, add = [], MemoryBank.add

    def keep(bank, features, positions, pointer):
        features.retain_grad()
        pointer.retain_grad()
        kept.append((features, pointer))
        add(bank, features, positions, pointer)

    monkeypatch.setattr(MemoryBank, 'add', keep)
    logits, _, _ = decoder.decode_clip(clip)
    logits[:, -1].sum().backward()
    assert all(item.grad.abs().sum() > 0 for item in kept[0])


def test_without_memory_each_frame_stands_alone(build, moving_shapes):
    batch = one_of(make_batch(moving_shapes), 0)
    decoder = build(train_memory=False).train()
    clip = make_training_clip(*batch, decoder.loss_size)
    together = decoder.decode_clip(clip)
    rgb, frame_mask, prompts, masks, shapes = batch
    for k in range(3):
        frame = slice(k, k + 1)
        single = (rgb[:, frame], frame_mask[:, frame], prompts)
        single += ([masks[0][:, frame]], shapes)
        alone = decoder.decode_clip(make_training_clip(*single, decoder.loss_size))
        for a, b in zip(together, alone, strict=True):
            torch.testing.assert_close(a[:, frame], b)
    # Inference has its memory all the same, and so has training by default.
    decoder.eval()
    remembered = decoder.decode_clip(clip)
    assert not torch.allclose(remembered[0][:, 1:], together[0][:, 1:], atol=1e-3)
    decoder.train().train_memory = True
    torch.testing.assert_close(decoder.decode_clip(clip)[0][:, :1], together[0][:, :1])


@pytest.mark.parametrize('training', [True, False])
def test_no_objects_give_attached_zeros(build, moving_shapes, training):
    decoder = build().train(training)
    batch = list(make_batch(moving_shapes))
    batch[2] = [torch.zeros(0, 16, requires_grad=True) for _ in range(2)]
    batch[3] = [item[:0] for item in batch[3]]
    losses = decoder.loss(*batch)
    assert losses.keys() == NAMES
    assert all(value.item() == 0 for value in losses.values())
    sum(losses.values()).backward()
    for weight in decoder.parameters():
        assert (weight.grad is not None) == weight.requires_grad
    tubes, scores, *_ = decoder.predict(np.zeros((2, 48, 64, 3), np.uint8), batch[2][0])
    assert tubes == [] and scores.shape == (0,)


def test_one_video_without_objects_changes_nothing(build, moving_shapes):
    decoder = build()
    rgb, frame_mask, prompts, masks, shapes = make_batch(moving_shapes)
    prompts[0], masks[0] = prompts[0][:0], masks[0][:0]
    batch = (rgb, frame_mask, prompts, masks, shapes)
    found, expected = decoder.loss(*batch), decoder.loss(*one_of(batch, 1))
    for name in NAMES:
        torch.testing.assert_close(found[name], expected[name], rtol=1e-3, atol=1e-4)


def test_training_and_inference_see_the_same(build, moving_shapes):
    """Same frames, no gate (every object present): same masks."""
    decoder = build()
    with torch.no_grad():
        decoder.sam2.sam_mask_decoder.pred_obj_score_head.layers[-1].bias.fill_(50)
    frames, masks = moving_shapes(2, 6, 64, 80)
    prompts = torch.randn(2, 16)
    rgb = torch.from_numpy(frames).permute(0, 3, 1, 2)[None]
    clip = make_training_clip(
        rgb,
        torch.ones(1, 6, dtype=torch.bool),
        [prompts],
        [torch.from_numpy(masks)],
        [(64, 80)],
        64,
    )
    decoder.train()  # the mini model has no dropout
    with torch.no_grad():
        logits, iou, _ = decoder.decode_clip(clip)
    decoder.eval()
    tubes, scores, *_ = decoder.predict(frames, prompts)
    for n, tube in enumerate(tubes):
        full = torch.nn.functional.interpolate(
            logits[n][:, None], (64, 80), mode='bilinear'
        )[:, 0]
        for t in range(6):
            differing = (full[t] > 0).numpy() != tube.decode(t)
            assert differing.mean() < 0.002
        if tube.frames:
            mean = iou[n, tube.frames].mean().item()
            assert scores[n].item() == pytest.approx(mean, abs=1e-3)


class CountedFrames:
    """A video that is only read in order, a frame at a time."""

    def __init__(self, length):
        self.length, self.reads = length, []

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        self.reads.append(index)
        rng = np.random.default_rng(index)
        return rng.integers(0, 255, (36, 60, 3), dtype=np.uint8)


def test_long_videos_are_streamed_in_bounded_memory(build):
    decoder = build(objects_per_pass=2)
    banks, new = [], decoder.sam2.new_memory_bank
    decoder.sam2.new_memory_bank = lambda: banks.append(new()) or banks[-1]
    frames = CountedFrames(20)
    tubes, scores, *_ = decoder.predict(frames, torch.randn(3, 16))
    assert sorted(set(frames.reads)) == list(range(20))
    assert len(frames.reads) <= 21
    assert [len(bank) for bank in banks] == [8, 8]
    # Nothing comes after the last frame, so it is not remembered.
    assert [bank.next_frame for bank in banks] == [19, 19]
    assert len(tubes) == 3 and scores.shape == (3,)
    for tube in tubes:
        assert (tube.height, tube.width) == (36, 60)
        assert all(rle['size'] == [36, 60] for rle in tube.rles.values())


def test_a_low_object_score_empties_the_tube(build):
    decoder = build()
    with torch.no_grad():
        decoder.sam2.sam_mask_decoder.pred_obj_score_head.layers[-1].bias.fill_(-50)
    tubes, scores, *_ = decoder.predict(CountedFrames(2), torch.randn(2, 16))
    assert not any(tubes) and scores.tolist() == [0, 0]


def test_tubes_have_the_frames_size_and_no_specks(build):
    decoder, prompts = build(), torch.randn(3, 16)
    with torch.no_grad():
        decoder.sam2.sam_mask_decoder.pred_obj_score_head.layers[-1].bias.fill_(50)
    tubes, *_ = decoder.predict(CountedFrames(2), prompts)
    areas = {}
    for n, tube in enumerate(tubes):
        assert (tube.height, tube.width) == (36, 60)
        for t, rle in tube.rles.items():
            assert rle['size'] == [36, 60]
            areas[n, t] = int(coco_mask.decode(rle).sum())
    limit = sorted(areas.values())[len(areas) // 2]
    assert min(areas.values()) < limit  # or nothing is dropped below
    decoder.min_area = limit
    tubes, *_ = decoder.predict(CountedFrames(2), prompts)
    found = {(n, t) for n, tube in enumerate(tubes) for t in tube.rles}
    assert found == {key for key, area in areas.items() if area >= limit}


def test_frames_may_be_read_only_or_flipped(build, recwarn):
    frames = np.stack([CountedFrames(1)[0]] * 2)
    expected, *_ = build().predict(frames, torch.ones(1, 16))
    frames = np.ascontiguousarray(frames[:, :, ::-1])[:, :, ::-1]
    frames.flags.writeable = False
    recwarn.clear()
    tubes, *_ = build().predict(frames, torch.ones(1, 16))
    assert tubes[0].rles == expected[0].rles
    assert not [item for item in recwarn if 'writable' in str(item.message)]


def test_bfloat16_finds_the_same_masks(build, moving_shapes):
    decoder, (frames, _) = build(), moving_shapes(2, 4, 64, 80)
    with torch.no_grad():
        decoder.sam2.sam_mask_decoder.pred_obj_score_head.layers[-1].bias.fill_(50)
    prompts = torch.randn(2, 16)
    expected, *_ = decoder.predict(frames, prompts)
    with torch.autocast('cpu', torch.bfloat16):
        tubes, scores, *_ = decoder.predict(frames, prompts)
    assert scores.isfinite().all()
    for tube, other in zip(tubes, expected, strict=True):
        differing = [(tube.decode(t) != other.decode(t)).mean() for t in range(4)]
        assert max(differing) < 0.1


def test_absent_objects_train_the_score_and_not_the_mask(build, moving_shapes):
    decoder = build()
    batch = list(one_of(make_batch(moving_shapes), 0))
    before = decoder.loss(*batch)
    batch[3] = [torch.zeros_like(batch[3][0])]
    losses = decoder.loss(*batch)
    assert losses['loss_object_score'] != before['loss_object_score']
    score = decoder.decode_clip(make_training_clip(*batch, 64))[2]
    expected = torch.log1p(score.double().exp()).mean()  # -log(1 - sigmoid)
    assert losses['loss_object_score'].item() == pytest.approx(expected.item())
    for name in NAMES - {'loss_object_score'}:
        assert losses[name].item() == 0
        # All terms stay attached, so that no process waits for a gradient.
        assert losses[name].requires_grad


def test_frames_of_different_size_are_refused(build):
    frames = [np.zeros((36, 60, 3), np.uint8), np.zeros((36, 61, 3), np.uint8)]
    with pytest.raises(InputError, match=r'frame 1 has shape \(36, 61, 3\)'):
        build().predict(frames, torch.randn(1, 16))


def test_frames_and_objects_of_a_step_can_be_limited(moving_shapes):
    batch = make_batch(moving_shapes)
    torch.manual_seed(3)
    clip = make_training_clip(*batch, 16, max_frames=2, max_objects=2)
    torch.manual_seed(3)
    again = make_training_clip(*batch, 16, max_frames=2, max_objects=2)
    assert clip.rows.tolist() == [[0, 1], [0, 1], [2, 3], [2, 3]]
    assert torch.equal(clip.prompts, again.prompts)
    assert torch.equal(clip.targets, again.targets)
    assert all(map(torch.equal, clip.frames, again.frames))
    assert clip.real.all()


@pytest.mark.parametrize('share', [0.1, 0.25, 0.4, 0.9])
def test_videos_that_are_chosen_stand_for_all(share):
    torch.manual_seed(0)
    drawn, sums = 4000, torch.zeros(5)
    for _ in range(drawn):
        videos, weight = choose_videos([3, 3, 0, 3, 3], share)
        assert len(videos) in (int(4 * share), int(4 * share) + 1)
        # A mean over the pairs of the videos that were chosen.
        sums[videos] += weight / max(len(videos), 1)
    assert sums[2] == 0
    expected = torch.full((4,), 0.25)
    torch.testing.assert_close(sums[[0, 1, 3, 4]] / drawn, expected, atol=0.02, rtol=0)


def test_all_videos_are_taken_without_chance():
    state = torch.get_rng_state()
    assert choose_videos([3, 0, 1], 1.0) == ([0, 2], 1.0)
    assert choose_videos([0, 0], 0.5) == ([], 1.0)
    assert torch.equal(torch.get_rng_state(), state)


def test_sam2_runs_for_the_share_of_videos_that_a_step_takes(build, moving_shapes):
    decoder = build(train_share=0.25).train()
    batch = list(make_batch(moving_shapes, lengths=(2, 2)))
    batch[2] = [prompts.requires_grad_() for prompts in batch[2]]
    seen = []
    decoder.sam2.image_encoder.trunk.register_forward_pre_hook(
        lambda _module, inputs: seen.append(len(inputs[0]))
    )

    def chosen(seed):
        torch.manual_seed(seed)
        return choose_videos([2, 3], 0.25)[0]

    none = next(seed for seed in range(20) if not chosen(seed))
    torch.manual_seed(none)
    losses = decoder.loss(*batch)
    assert not seen and all(value == 0 for value in losses.values())
    sum(losses.values()).backward()
    one = next(seed for seed in range(20) if chosen(seed))
    torch.manual_seed(one)
    losses = decoder.loss(*batch)
    assert seen == [2]
    alone = decoder.eval().loss(*one_of(batch, chosen(one)[0]))
    for name in NAMES:
        torch.testing.assert_close(losses[name], 2 * alone[name], rtol=1e-3, atol=1e-4)
    # Every process has to have every gradient.
    assert all(prompts.grad is not None for prompts in batch[2])
    with pytest.raises(ValueError, match='train_share is 0'):
        build(train_share=0)


def test_features_of_a_frozen_image_encoder_come_from_disk(
    build, moving_shapes, tmp_path
):
    frozen = dict(freeze=('image_encoder',))
    cache = dict(type='FeatureCache', folder=str(tmp_path), dtype='float16')
    batch = one_of(make_batch(moving_shapes), 1)
    expected = build(**frozen).train().loss(*batch)
    decoder = build(**frozen, feature_cache=cache).train()
    run = []
    decoder.sam2.image_encoder.trunk.register_forward_pre_hook(
        lambda _module, inputs: run.append(len(inputs[0]))
    )
    first, second = decoder.loss(*batch), decoder.loss(*batch)
    assert run == [2]
    for name in NAMES:
        torch.testing.assert_close(first[name], expected[name], rtol=1e-2, atol=1e-3)
        assert first[name] == second[name]
    # Not of a test, which has every frame of every video.
    decoder.eval().loss(*batch)
    assert run == [2, 2] and decoder.feature_cache.hits == 2
    with pytest.raises(ValueError, match='image_encoder trains'):
        build(feature_cache=cache)


def test_frozen_parts_stay_as_they_are(build, moving_shapes):
    decoder = build(freeze=('image_encoder',)).train()
    assert not decoder.sam2.image_encoder.training
    assert decoder.sam2.sam_mask_decoder.training
    losses = decoder.loss(*make_batch(moving_shapes))
    sum(losses.values()).backward()
    assert all(w.grad is None for w in decoder.sam2.image_encoder.parameters())
    # These read the backbone's features but belong to the mask decoder.
    assert decoder.sam2.sam_mask_decoder.conv_s0.weight.grad.abs().sum() > 0
    assert not build(freeze=('no_obj_ptr',)).train().sam2.no_obj_ptr.requires_grad
    with pytest.raises(ValueError, match="freeze names 'backbone'"):
        build(freeze=('backbone',))


def test_targets_keep_objects_smaller_than_a_pixel():
    masks = torch.zeros(1, 1, 64, 64, dtype=torch.bool)
    masks[0, 0, 10, 10] = True
    clip = make_training_clip(
        torch.zeros(1, 1, 3, 64, 64, dtype=torch.uint8),
        torch.ones(1, 1, dtype=torch.bool),
        [torch.zeros(1, 4)],
        [masks],
        [(64, 64)],
        16,
    )
    assert clip.present.item() and clip.targets[0, 0, 2, 2].item() == 1 / 16
    assert clip.targets.sum().item() == 1 / 16


def test_the_decoder_trains_in_bfloat16(build, moving_shapes):
    decoder = build().train()
    batch = one_of(make_batch(moving_shapes), 1)
    with torch.autocast('cpu', torch.bfloat16):
        losses = decoder.loss(*batch)
    assert all(value.isfinite() for value in losses.values())
    sum(losses.values()).backward()


@pytest.mark.slow
def test_the_decoder_overfits_one_clip(build, moving_shapes):
    decoder = build(256)
    decoder.init_weights()
    decoder.train()
    frames, masks = moving_shapes(5, 8)
    prompts = torch.randn(5, 256)
    batch = (
        torch.from_numpy(frames).permute(0, 3, 1, 2)[None],
        torch.ones(1, 8, dtype=torch.bool),
        [prompts],
        [torch.from_numpy(masks)],
        [(144, 192)],
    )
    weights = [weight for weight in decoder.parameters() if weight.requires_grad]
    rate = 1e-3
    optimizer = torch.optim.AdamW(weights, lr=rate, betas=(0.9, 0.98))
    for step in range(100):
        optimizer.param_groups[0]['lr'] = rate * min(1, (step + 1) / 15)
        optimizer.zero_grad()
        sum(decoder.loss(*batch).values()).backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
    tubes, scores, *_ = decoder.eval().predict(frames, prompts)
    for tube, mask in zip(tubes, masks, strict=True):
        found = np.stack([tube.decode(t) for t in range(8)])
        assert (found & mask).sum() / (found | mask).sum() > 0.8
    assert scores.min() > 0.7


def test_untrained_prompts_are_large_enough_to_matter(build, moving_shapes):
    decoder = build()
    decoder.init_weights()
    frames, _ = moving_shapes(1, 1)
    images = decoder.images(torch.from_numpy(frames).permute(0, 3, 1, 2))
    embedding = decoder.sam2.encode_frames(images).levels[-1]
    constant = decoder.sam2.sam_prompt_encoder.no_mask_embed.weight
    assert embedding.std() > 0.5 and constant.abs().max() == 0
    tokens = decoder.prompt_projector(torch.randn(1000, 16))
    assert 1.5 < tokens.std() < 2.5
