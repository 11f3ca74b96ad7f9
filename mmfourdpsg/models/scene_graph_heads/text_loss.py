"""The text term of Eq. 1: cross-entropy of the tokens of annotated answers."""

import torch.nn.functional as F
from torch import Tensor

from .decoding.conversation import IGNORED, ConversationBatch


def summed_text_loss(batch: ConversationBatch, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the summed cross-entropy of the labels, and the sum of their weights.

    Shapes: ``b`` conversations, ``n`` positions, ``V`` vocabulary.

    Args:
        batch: The conversations.
        logits: ``[b, n, V]``, of the last positions.

    Returns:
        Both ``[]``: the sum in nats, each label counted by its weight, and the sum of
        the weights, which is the number of labels where all count alike.
    """
    # The logits at one position are those of the next token; nothing follows the last
    # ones, which are ignored and not cut off, since that would copy the rest.
    labels = F.pad(batch.next_labels(logits), (0, 1), value=IGNORED)
    weights = batch.next_weights(logits)
    losses = F.cross_entropy(
        logits.flatten(0, 1).float(),
        labels.flatten(),
        ignore_index=IGNORED,
        reduction='sum' if weights is None else 'none',
    )
    learned = (labels != IGNORED).float()
    if weights is not None:
        learned = learned * F.pad(weights, (0, 1))
        losses = losses * learned.flatten()
    return losses.sum(), learned.sum()
