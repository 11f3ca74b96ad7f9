"""Masks of objects that are shown perfectly, by a SAM2 that does as it is told."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmfourdpsg.analysis.explanation.pointed_tubes import box_ious, first_mask_ious
from mmfourdpsg.analysis.explanation.tube_fits import TubeFit
from mmfourdpsg.analysis.explanation.tube_summary import print_tubes, summarise_tubes
from mmfourdpsg.models.tube_decoders.prompted_sam2 import FrameMasks, SAM2Features
from mmfourdpsg.structures import MaskTube

SIZE = 16
SCALE = 4


class ObedientSAM2:
    """Fills boxes, and goes on to see a mask where it was given."""

    image_size = SCALE * SIZE
    hidden_dim = 4

    def __init__(self):
        self.sam_prompt_encoder = SimpleNamespace(not_a_point_embed=nn.Embedding(1, 4))

    def new_memory_bank(self):
        return []

    def track(self, features, prompts, memory, present=None, last=False):
        assert len(features.levels[0]) == len(prompts.tokens)
        if prompts.masks is not None:
            assert present.all()
            given = F.interpolate(prompts.masks[:, None], (SIZE, SIZE), mode='area')
            memory.append(given[:, 0])
        if memory:
            assert (prompts.labels == -1).all()
            logits = memory[-1] - 0.5
        else:
            assert prompts.labels.tolist() == [[2, 3]] * len(prompts.labels)
            corners = ((prompts.points + 0.5) / SCALE).round().long()
            logits = torch.full((len(corners), SIZE, SIZE), -1.0)
            for plane, ((x1, y1), (x2, y2)) in zip(logits, corners, strict=True):
                # The last corner is clamped to the last pixel.
                plane[y1:y2, x1:x2] = 1
        score = torch.ones(len(logits))
        return FrameMasks(logits, score, score)


@pytest.fixture
def decoder():
    return SimpleNamespace(
        sam2=ObedientSAM2(),
        loss_size=SIZE,
        images=lambda images: images.float(),
        encode=lambda images: SAM2Features([images], None),
    )


def a_tube(boxes):
    """A tube of boxes ``(x1, y1, x2, y2)``, by frame."""
    masks = {}
    for frame, (x1, y1, x2, y2) in boxes.items():
        masks[frame] = np.zeros((SIZE, SIZE), bool)
        masks[frame][y1:y2, x1:x2] = True
    return MaskTube.from_masks(masks, SIZE, SIZE)


FRAMES = [np.zeros((SIZE, SIZE, 3), np.uint8)] * 3


def test_a_box_in_every_frame_gives_the_mask_where_it_fills_it(decoder):
    moving = a_tube({0: (1, 2, 5, 6), 1: (3, 2, 7, 6), 2: (9, 8, 12, 15)})
    late = a_tube({2: (0, 0, 3, 3)})
    assert box_ious(decoder, FRAMES, [moving, late]) == [1, 1]
    # Half of its box.
    mask = np.tri(SIZE, dtype=bool)
    half = MaskTube.from_masks({0: mask}, SIZE, SIZE)
    (iou,) = box_ious(decoder, FRAMES, [half])
    assert iou == pytest.approx(mask.sum() / SIZE**2)


def test_of_a_mask_in_the_first_frame_the_later_ones_count(decoder):
    still = a_tube(dict.fromkeys(range(3), (1, 1, 4, 4)))
    # Of eight columns it keeps four, then none.
    moving = a_tube({0: (0, 0, 8, 4), 1: (4, 0, 12, 4), 2: (8, 0, 16, 4)})
    late = a_tube({1: (0, 8, 4, 12), 2: (0, 8, 4, 12)})
    last = a_tube({2: (0, 0, 3, 3)})
    gone = a_tube({0: (0, 0, 3, 3)})
    ious = first_mask_ious(decoder, FRAMES, [still, moving, late, last, gone])
    assert ious == [1, pytest.approx(4 / (12 + 16)), 1, None, None]


def test_things_are_told_by_their_size(capsys):
    fits = [
        TubeFit('cup', False, 0.015, 0.2),
        TubeFit('cup', False, 0.02, 0.5),
        TubeFit('hat', False, 0.03, 0.9),
        TubeFit('table', True, 1.0, 1.0),
    ]
    rows = summarise_tubes(fits, {'hat': 'apart'}, 0.5)
    assert {kind: row['objects'] for kind, row in rows.items()} == dict(
        apart=1, stuff=1, things=2
    )
    things = rows['things']
    assert things['iou'] == pytest.approx(0.35) and things['fit'] == 0.5
    assert things['labels']['cup']['objects'] == 2
    assert things['sizes']['1 to 2'] == dict(objects=1, iou=0.2, fit=0)
    assert things['sizes']['2 to 4'] == dict(objects=1, iou=0.5, fit=1)
    assert list(rows['stuff']['sizes']) == ['16 to 100']
    print_tubes(rows, 0.5, 'boxes')
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ['boxes', 'objects', 'IoU', 'IoU', '>=', '0.5']
    assert lines[-1].split() == ['of', '2', 'to', '4', '%', '1', '0.500', '100.0%']
