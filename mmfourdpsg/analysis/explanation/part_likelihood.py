"""Likelihood that a language model gives to the parts of annotated texts."""

from typing import NamedTuple

import torch
from torch import Tensor

from mmfourdpsg.models.scene_graph_heads import LLMSceneGraphHead
from mmfourdpsg.models.scene_graph_heads.decoding.conversation import IGNORED
from mmfourdpsg.models.text_formats.formatted_graph import REST
from mmfourdpsg.structures import SceneGraphDataSample


class PartLikelihood(NamedTuple):
    """How likely a part of an annotated text is, given what is before it.

    Attributes:
        kind: Its kind, see :class:`TextPart`; ``rest`` is all that is in no part:
            numbers, ``[Obj]``, punctuation and the end.
        text: The part, empty for ``rest``.
        nats: Summed negative log-likelihood of its tokens.
        num_tokens: Number of its tokens.
        is_likeliest: Whether no token was likelier than any of them in its place.
    """

    kind: str
    text: str
    nats: float
    num_tokens: int
    is_likeliest: bool


@torch.no_grad()
def part_likelihoods(
    head: LLMSceneGraphHead,
    tokens: Tensor,
    token_mask: Tensor,
    data_samples: list[SceneGraphDataSample],
) -> list[list[PartLikelihood]]:
    """Return how likely each part of the annotated texts is, for each video.

    Args:
        head: What writes the texts.
        tokens: Scene tokens ``[B, L, D]``.
        token_mask: ``[B, L]``, False on padding.
        data_samples: Targets, with ``gt_scene_graph``.

    Returns:
        The parts of each video's text in their order, then what is in none. Parts
        that are not learned, as times of images, are left out.
    """
    written = [head.conversations.write(sample) for sample in data_samples]
    conversations, texts = zip(*written, strict=True)
    batch = head.assemble(conversations, tokens, token_mask)
    losses, labels, logits = head.token_losses(batch)
    likeliest = logits.argmax(-1) == labels
    # What comes before the first of these losses.
    skipped = batch.labels.shape[1] - losses.shape[1]
    found = []
    for row, turns in enumerate(texts):
        learned = labels[row] != IGNORED
        parts = []
        for turn, start in zip(turns, batch.answer_starts[row], strict=True):
            for part in turn.text_parts:
                within = sorted(head.conversations.tokens_of(turn, [part]))
                places = torch.tensor(within, dtype=torch.long) + start - skipped
                places = places[learned[places].cpu()]
                if len(places):
                    nats = losses[row, places].sum().item()
                    text = turn.text[part.start : part.end]
                    best = bool(likeliest[row, places].all())
                    parts.append(
                        PartLikelihood(part.kind, text, nats, len(places), best)
                    )
                    learned[places] = False
        nats = losses[row, learned].sum().item()
        best = bool(likeliest[row, learned].all())
        parts.append(PartLikelihood(REST, '', nats, int(learned.sum()), best))
        found.append(parts)
    return found
