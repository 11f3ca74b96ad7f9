"""Scene graph detection (SGDet): recall in images and in frames of videos."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mmfourdpsg.structures import Relation, SceneGraph, clip_span

from ..labels import ExactLabelMatcher, LabelMatcher, relation_labels
from .evaluate import check_topk, pair_videos
from .graph_constraint import check_constraint, constrain
from .region_overlap import check_region, region_ious
from .relation_match import check_same_size, rank_relations


@dataclass
class FrameMatch:
    """How the relations of one frame were matched.

    Attributes:
        video_id: The video, or the image.
        frame: The frame.
        relations: Its ground-truth relations.
        ranks: For each the rank (from 0) of the first prediction that found it, or
            None.
    """

    video_id: str
    frame: int
    relations: list[Relation]
    ranks: list[int | None] = field(init=False)

    def __post_init__(self) -> None:
        self.ranks = [None] * len(self.relations)


@dataclass
class SGDetEvaluation:
    """What an evaluation found.

    Attributes:
        metrics: ``R@K`` and ``mR@K`` for each K, in percent.
        matches: The match of each frame that has ground truth.
        protocol: How predictions were matched.
        labels: How their labels were compared.
    """

    metrics: dict[str, float]
    matches: list[FrameMatch]
    protocol: str
    labels: str


def evaluate_sgdet(
    ground_truth: Sequence[SceneGraph],
    predictions: Sequence[SceneGraph],
    topk: Sequence[int] = (20, 50, 100),
    region: str = 'mask',
    constraint: str = 'pair',
    threshold: float = 0.5,
    labels: LabelMatcher | None = None,
) -> SGDetEvaluation:
    """Score scene graphs frame by frame, as the field scores those of images.

    A prediction finds every relation of the frame with equal labels on whose subject
    and object it lies (IoU of masks or boxes); several may be found by one. Recall is
    that of each frame, averaged over the frames that have relations; mR@K first
    averages each predicate over the frames in which it occurs. A frame without a
    prediction has recall 0, which some published code leaves out. An image is a
    video of one frame.

    Source: Lu et al., "Visual relationship detection with language priors" (ECCV 2016);
    Zellers et al., "Neural Motifs" (CVPR 2018); Tang et al., "Unbiased scene graph
    generation" (CVPR 2020), for mR@K; Cong et al., "STTran" (ICCV 2021), for videos.
    The paper's Tables 10 and 12.

    Args:
        ground_truth: The ground truth, one graph an image or video.
        predictions: The predictions, see :func:`pair_videos`.
        topk: The numbers of predictions a frame at which recall is cut.
        region: What IoU is of, one of :data:`REGIONS`.
        constraint: How many predicates a pair may have, see :func:`constrain`.
        threshold: Least IoU of subject and object, above 0.
        labels: When labels count as equal; None takes :class:`ExactLabelMatcher`.

    Raises:
        InputError: A K is not positive, a video has two graphs, a prediction is of a
            video that the ground truth does not have or of another size, region or
            constraint are unknown.
    """
    check_topk(topk)
    check_region(region)
    check_constraint(constraint)
    labels = labels or ExactLabelMatcher()
    matches = []
    for wanted, given in pair_videos(ground_truth, predictions):
        if given is not None:
            check_same_size(wanted, given)
        ranked = rank_relations(given) if given is not None else []
        for frame in _frames(wanted):
            match = FrameMatch(
                wanted.video_id, frame, _in_frame(wanted.relations, frame)
            )
            rows = constrain(_in_frame(ranked, frame), constraint)[: max(topk)]
            if given is not None and rows:
                ious = region_ious(wanted, given, frame, region)
                _match(match, wanted, given, rows, ious, threshold, labels)
            matches.append(match)
    metrics = {}
    for k in topk:
        by_predicate = sgdet_recall_by_predicate(matches, k)
        metrics[f'R@{k}'] = _mean([_recall(match.ranks, k) for match in matches])
        metrics[f'mR@{k}'] = _mean([recall for recall, _ in by_predicate.values()])
    protocol = f'sgdet, {region} IoU, constraint {constraint}'
    return SGDetEvaluation(metrics, matches, protocol, labels.description)


def sgdet_recall_by_predicate(
    matches: Sequence[FrameMatch], k: int
) -> dict[str, tuple[float, int]]:
    """Return predicate -> (mean recall at K in percent, number in all frames)."""
    recalls: dict[str, list[float]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for match in matches:
        ranks: dict[str, list[int | None]] = defaultdict(list)
        for relation, rank in zip(match.relations, match.ranks, strict=True):
            ranks[relation.predicate].append(rank)
        for predicate, row in ranks.items():
            recalls[predicate].append(_recall(row, k))
            counts[predicate] += len(row)
    return {name: (_mean(recalls[name]), counts[name]) for name in sorted(recalls)}


def _match(
    match: FrameMatch,
    wanted: SceneGraph,
    given: SceneGraph,
    rows: Sequence[Relation],
    ious: Mapping[tuple[int, int], float],
    threshold: float,
    labels: LabelMatcher,
) -> None:
    own = [relation_labels(wanted, row) for row in match.relations]
    for rank, found in enumerate(rows):
        said = relation_labels(given, found)
        for index, row in enumerate(match.relations):
            if match.ranks[index] is None and all(map(labels, said, own[index])):
                least = min(
                    ious[row.subject, found.subject], ious[row.object, found.object]
                )
                if least >= threshold:
                    match.ranks[index] = rank


def _frames(graph: SceneGraph) -> list[int]:
    """Return the frames of the video in which some relation holds."""
    frames = {
        frame
        for row in graph.relations
        for start, end in clip_span(row.span, graph.num_frames)
        for frame in range(start, end + 1)
    }
    return sorted(frames)


def _in_frame(relations: Sequence[Relation], frame: int) -> list[Relation]:
    return [row for row in relations if any(s <= frame <= e for s, e in row.span)]


def _recall(ranks: Sequence[int | None], k: int) -> float:
    return 100 * sum(rank is not None and rank < k for rank in ranks) / len(ranks)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float('nan')
