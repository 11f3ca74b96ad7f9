"""Assembler: from a generated graph and its mask tubes to a panoptic scene graph."""

import math
from collections.abc import Sequence

import torch
from pycocotools import mask as coco_mask
from scipy.special import expit, logit
from torch import Tensor

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)
from mmfourdpsg.structures.span import Span, group_spans

from ..scene_graph_heads import GeneratedGraph
from ..tube_decoders import DecodedTubes
from .same_objects import group_same_objects

OVERLAPS = ('compete', 'keep')


@TASK_UTILS.register_module()
class SceneGraphAssembler:
    """Makes a scene graph in which a pixel belongs to at most one object.

    Objects compete for pixels in the tube decoder. What is the same thing under two
    names, or under one name in several samples, has nearly the same masks there, and
    becomes one object with the name of the best. Relations follow it; equal ones whose
    spans are about the same become one, which is wrong only if all of them are; those
    of other spans are rows of their own. What has lost nearly everything
    vanishes, with its relations; the few pixels that it had won stay without an object.

    An object's raw score is how sure the language model was of its mentions, or its
    share of a vote, times the IoU that SAM2 expects of its masks. A relation's is that
    of its text times the raw scores of its objects. Calibration (Platt scaling,
    ``sigmoid(a logit(p) + b)``) turns both into how likely it is that they are right:
    the object has the name and a tube IoU of 0.5, the relation is one of the strict
    protocol's hits. It changes no order. ``tools/analysis_tools/calibrate_scores.py``
    finds ``a`` and ``b``.

    Args:
        overlap: ``compete``, or ``keep`` to leave masks and objects as they were
            decoded, for protocols that want that.
        merge_iou: Least volume IoU, before objects compete, of what is one thing.
        min_share: Least share of its pixels that an object keeps, or it vanishes.
        span_iou: Least IoU of the spans of relations that become one, see
            :func:`group_spans`; with 0 all that are equal do.
        object_calibration: ``a`` and ``b`` for objects.
        relation_calibration: ``a`` and ``b`` for relations.

    Raises:
        ValueError: ``overlap`` is neither, or a slope is not positive.
    """

    def __init__(
        self,
        overlap: str = 'compete',
        merge_iou: float = 0.7,
        min_share: float = 0.25,
        span_iou: float = 0.5,
        object_calibration: Sequence[float] = (1.0, 0.0),
        relation_calibration: Sequence[float] = (1.0, 0.0),
    ) -> None:
        if overlap not in OVERLAPS:
            raise ValueError(f'overlap is {overlap!r}, expected one of {OVERLAPS}')
        for slope, _ in (object_calibration, relation_calibration):
            if not slope > 0:
                raise ValueError(f'a slope is {slope}, expected a positive one')
        self.overlap = overlap
        self.merge_iou = merge_iou
        self.min_share = min_share
        self.span_iou = span_iou
        self.object_calibration = tuple(object_calibration)
        self.relation_calibration = tuple(relation_calibration)

    def weights(self, graph: GeneratedGraph) -> Tensor | None:
        """Return what each object ``[N]`` counts for pixels, None if none compete."""
        if self.overlap == 'keep':
            return None
        return torch.tensor([item.score for item in graph.objects])

    def __call__(
        self,
        graph: GeneratedGraph,
        found: DecodedTubes,
        sample: SceneGraphDataSample,
    ) -> tuple[SceneGraph, dict[str, int], dict[tuple[int, int], str]]:
        """Assemble the graph of one video.

        Args:
            graph: What the language model said.
            found: Tubes of its objects.
            sample: Tells the video's name, size and number of frames.

        Returns:
            The graph; how many objects were ``merged`` into others and how many
            ``vanished``; and why objects were said to be related, by the ids of subject
            and object, be there relations between them or not yet.
        """
        scores = [
            item.score * iou
            for item, iou in zip(graph.objects, found.ious.tolist(), strict=True)
        ]
        heads = self._heads(scores, found.overlaps)
        tubes = {head: _union(found.tubes, heads, head) for head in set(heads)}
        if self.overlap == 'compete':
            tubes = {
                head: tube
                for head, tube in tubes.items()
                if tube and tube.area() >= self.min_share * found.volumes[head].item()
            }
        height, width = sample.ori_shape
        ids = {head: number for number, head in enumerate(sorted(tubes))}
        objects = [
            SceneObject(
                number,
                graph.objects[head].category,
                score=calibrate(scores[head], *self.object_calibration),
                tube=tubes[head],
                description=graph.objects[head].description,
            )
            for head, number in ids.items()
        ]
        counts = dict(
            merged=len(heads) - len(set(heads)), vanished=len(set(heads)) - len(tubes)
        )
        scene_graph = SceneGraph(
            sample.video_id,
            height,
            width,
            sample.num_frames,
            objects,
            self._relations(graph, heads, scores, ids),
        )
        pairs: dict[tuple[int, int], str] = {}
        for ends, reason in graph.pairs.items():
            subject, obj = (ids.get(heads[end]) for end in ends)
            if subject != obj and None not in (subject, obj):
                pairs.setdefault((subject, obj), reason)
        return scene_graph, counts, pairs

    def _heads(self, scores: Sequence[float], overlaps: Tensor) -> list[int]:
        """Return for each object the one that it is the same thing as, or itself."""
        if self.overlap == 'keep':
            return list(range(len(scores)))
        return group_same_objects(scores, overlaps, self.merge_iou)

    def _relations(
        self,
        graph: GeneratedGraph,
        heads: Sequence[int],
        scores: Sequence[float],
        ids: dict[int, int],
    ) -> list[Relation]:
        rows: dict[tuple[int, str, int], list[tuple[Span, float, str]]] = {}
        for row in graph.relations:
            subject, obj = heads[row.subject], heads[row.object]
            if subject == obj or subject not in ids or obj not in ids:
                continue
            score = row.score * scores[subject] * scores[obj]
            key = ids[subject], row.predicate, ids[obj]
            rows.setdefault(key, []).append((row.span, score, row.reason))
        relations = []
        for key, alike in rows.items():
            spans, row_scores, _ = zip(*alike, strict=True)
            groups = group_spans(spans, row_scores, self.span_iou)
            for head in dict.fromkeys(groups):
                wrong = math.prod(
                    1 - score
                    for score, other in zip(row_scores, groups, strict=True)
                    if other == head
                )
                score = calibrate(1 - wrong, *self.relation_calibration)
                span, _, reason = alike[head]
                relations.append(Relation(*key, span, score, reason))
        return sorted(relations, key=lambda row: -row.score)


def calibrate(score: float, slope: float, offset: float) -> float:
    """Return ``sigmoid(slope * logit(score) + offset)``.

    Args:
        score: In 0..1; the ends stay what they are.
        slope: Positive.
        offset: Any number.
    """
    return float(expit(slope * logit(score) + offset))


def _union(tubes: Sequence[MaskTube], heads: Sequence[int], head: int) -> MaskTube:
    """Return the tubes of all objects with a head as one."""
    parts = [tube for tube, other in zip(tubes, heads, strict=True) if other == head]
    if len(parts) == 1:
        return parts[0]
    rles = {}
    for frame in sorted({frame for tube in parts for frame in tube.rles}):
        masks = [tube.rles[frame] for tube in parts if frame in tube.rles]
        rle = coco_mask.merge(masks)
        counts = rle['counts']
        rles[frame] = dict(
            size=list(rle['size']),
            counts=counts.decode() if isinstance(counts, bytes) else counts,
        )
    return MaskTube(parts[0].height, parts[0].width, rles)
