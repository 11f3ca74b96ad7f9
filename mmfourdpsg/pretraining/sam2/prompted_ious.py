"""How well each prompted object is segmented in each frame."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor

from mmfourdpsg.models.tube_decoders.training_clip import TrainingClip


def prompted_ious(
    kinds: Sequence[str], logits: Tensor, score: Tensor, clip: TrainingClip
) -> list[tuple[str, int, float]]:
    """Compare raw masks with a clip's targets, gated by the object score.

    Args:
        kinds: Name of each object's kind of prompt, ``n`` of them.
        logits: Raw masks ``[n, K, S/4, S/4]``.
        score: Logits of the object score ``[n, K]``.
        clip: The ``n`` objects in ``K`` frames.

    Returns:
        list[tuple[str, int, float]]: Kind, frame in the clip, and IoU of each object in
        each frame that shows it.
    """
    size = clip.targets.shape[-2:]
    found = F.interpolate(logits, size, mode='bilinear') > 0
    found &= (score > 0)[..., None, None]
    target = clip.targets > 0.5
    overlap = (found & target).sum(dim=(2, 3))
    union = (found | target).sum(dim=(2, 3))
    return [
        (kinds[n], k, float(overlap[n, k] / union[n, k]))
        for n, k in (clip.present & (union > 0)).nonzero().tolist()
    ]
