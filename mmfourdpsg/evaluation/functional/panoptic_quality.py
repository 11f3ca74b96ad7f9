"""Video panoptic quality (VPQ) and segmentation and tracking quality (STQ)."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from mmfourdpsg.structures import SceneGraph

from .evaluate import pair_videos
from .panoptic_overlap import PanopticOverlap


def panoptic_quality(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    windows: Sequence[int] = (1, 2, 4, 6),
) -> dict[str, float]:
    """Score the tubes and categories of scene graphs, whatever their relations.

    - ``VPQ``: video panoptic quality, the mean over windows of ``VPQ@k``: panoptic
      quality of all parts of tubes within ``k`` consecutive frames. Parts of equal
      category with an IoU above 0.5 match; ``PQ = sum of IoU / (TP + FP/2 + FN/2)``
      of each category over the data set, averaged. Void pixels do not count, and a
      prediction of which they are more than half is none. Source: Kim et al., "Video
      panoptic segmentation" (CVPR 2020), and the windows of Miao et al., "Large-scale
      video panoptic segmentation in the wild" (CVPR 2022). A shorter video is one
      window.
    - ``STQ``: segmentation and tracking quality, the geometric mean of ``SQ``, the
      mean IoU of categories over all pixels, and ``AQ``, how whole the tubes of things
      are: over each thing's tube ``g``, ``sum over p of TPA(p, g) IoU(p, g) / |g|``.
      Source: Weber et al., "STEP: segmenting and tracking every pixel" (NeurIPS 2021),
      section 4.

    Args:
        ground_truth: The ground truth, one graph a video.
        predictions: The predictions, see :func:`pair_videos`.
        windows: Lengths ``k``, in frames.

    Returns:
        Name -> percent, nan where there is no ground truth.

    Raises:
        InputError: As :func:`pair_videos`, or a prediction has another size.
    """
    overlaps = [
        PanopticOverlap.of(*pair) for pair in pair_videos(ground_truth, predictions)
    ]
    metrics = {f'VPQ@{k}': 100 * _vpq(overlaps, k) for k in windows}
    metrics['VPQ'] = float(np.mean([metrics[f'VPQ@{k}'] for k in windows]))
    quality = dict(SQ=_segmentation(overlaps), AQ=_association(overlaps))
    metrics |= {name: 100 * value for name, value in quality.items()}
    metrics['STQ'] = 100 * float(np.sqrt(quality['SQ'] * quality['AQ']))
    return metrics


def _vpq(overlaps: Sequence[PanopticOverlap], length: int) -> float:
    ious: dict[str, float] = defaultdict(float)
    segments: dict[str, int] = defaultdict(int)
    for overlap in overlaps:
        for shared in overlap.windows(length):
            _count_window(overlap, shared, ious, segments)
    # Segments of both sides: 2 TP + FP + FN.
    qualities = [2 * ious[name] / number for name, number in segments.items()]
    return float(np.mean(qualities)) if qualities else float('nan')


def _count_window(
    overlap: PanopticOverlap,
    shared: np.ndarray,
    ious: dict[str, float],
    segments: dict[str, int],
) -> None:
    rows, columns, void = shared.sum(1), shared.sum(0), shared[0]
    matched = set()
    for i, category in enumerate(overlap.wanted, start=1):
        if not rows[i]:
            continue
        segments[category] += 1
        for j, other in enumerate(overlap.found, start=1):
            union = rows[i] + columns[j] - void[j] - shared[i, j]
            if other == category and 2 * shared[i, j] > union:
                ious[category] += shared[i, j] / union
                matched.add(j)
    for j, category in enumerate(overlap.found, start=1):
        if columns[j] and (j in matched or 2 * void[j] <= columns[j]):
            segments[category] += 1


def _segmentation(overlaps: Sequence[PanopticOverlap]) -> float:
    shared: dict[str, int] = defaultdict(int)
    sizes: dict[str, int] = defaultdict(int)
    for overlap in overlaps:
        counts = overlap.counts.sum(0)
        counts[0] = 0
        for i, category in enumerate(overlap.wanted, start=1):
            sizes[category] += counts[i].sum()
            for j, other in enumerate(overlap.found, start=1):
                if other == category:
                    shared[category] += counts[i, j]
        for j, category in enumerate(overlap.found, start=1):
            sizes[category] += counts[:, j].sum()
    ious = [
        shared[name] / (size - shared[name]) for name, size in sizes.items() if size
    ]
    return float(np.mean(ious)) if ious else float('nan')


def _association(overlaps: Sequence[PanopticOverlap]) -> float:
    categories = {
        category
        for overlap in overlaps
        for category, thing in zip(overlap.wanted, overlap.things, strict=True)
        if thing
    }
    qualities = []
    for overlap in overlaps:
        counts = overlap.counts.sum(0)
        counts[0] = 0
        columns = counts.sum(0)
        for i, thing in enumerate(overlap.things, start=1):
            size = counts[i].sum()
            if not thing or not size:
                continue
            total = 0.0
            for j, category in enumerate(overlap.found, start=1):
                if category in categories and counts[i, j]:
                    union = size + columns[j] - counts[i, j]
                    total += counts[i, j] * counts[i, j] / union
            qualities.append(total / size)
    return float(np.mean(qualities)) if qualities else float('nan')
