"""Counts that tell how good features are; ratios of their sums are the metrics."""

from torch import Tensor


def name_counts(logits: Tensor, labels: Tensor, shown: Tensor) -> tuple[int, int]:
    """Count objects whose best name is theirs.

    Args:
        logits: ``[F, M, K]`` for K names.
        labels: int64 ``[F, M]``.
        shown: bool ``[F, M]``, the objects that count.

    Returns:
        tuple[int, int]: Right ones, and all.
    """
    right = (logits.argmax(dim=-1) == labels) & shown
    return int(right.sum()), int(shown.sum())


def retrieval_counts(rgb: Tensor, depth: Tensor) -> tuple[int, int]:
    """Count patches whose most similar depth patch is their own.

    Args:
        rgb: Unit vectors ``[P, W]`` of P patches.
        depth: Unit vectors ``[P, W]`` of the same patches.

    Returns:
        tuple[int, int]: Found ones, and all. A patch that ties with another is not
        found.
    """
    if len(rgb) == 0:
        return 0, 0
    similarity = rgb @ depth.T  # [P, P]
    own = similarity.diagonal().clone()
    similarity.fill_diagonal_(-2.0)  # below every cosine
    return int((own > similarity.amax(dim=1)).sum()), len(rgb)


def log_depth_error(
    prediction: Tensor, target: Tensor, known: Tensor
) -> tuple[float, int]:
    """Sum absolute errors of log-depth.

    Args:
        prediction: ``[F, gh, gw, 3]``, see :class:`PatchGeometry`.
        target: Likewise.
        known: bool ``[F, gh, gw, 3]``.

    Returns:
        tuple[float, int]: Sum over patches of known depth, and their number.
    """
    error = (prediction[..., 0].float() - target[..., 0]).abs()
    known = known[..., 0]
    return float(error[known].sum()), int(known.sum())
