"""Scores of predictions against the ground-truth files that a study names."""

import dataclasses
import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmfourdpsg.evaluation.functional import (
    SEEN,
    FrequencyGroups,
    LabelCounts,
    group_accuracy,
    group_recall,
    hits_by_video,
)
from mmfourdpsg.evaluation.scores import score_scene_graphs
from mmfourdpsg.structures import SceneGraph, load_ground_truth, load_scene_graphs
from mmfourdpsg.utils import InputError

TOPK = (20, 50, 100)
FILES = ('ground_truth', 'baseline', 'train', 'unseen')


class ScoredFiles:
    """Scores predictions against the files that a study names.

    Args:
        study: Has ``ground_truth``, scene graphs to be found, and perhaps ``baseline``,
            others, whose predicates are scored on the same pairs, and ``train``, those
            that were trained on, which tell seen labels from unseen ones. With
            ``train`` it may have ``unseen``, scene graphs of more videos, which have
            labels that ``train`` lacks: seen and unseen labels are then those of these
            videos alone; and ``label_groups``, of labels by how often ``train`` has
            them, see :class:`FrequencyGroups`.

    Raises:
        InputError: It has one of the last two and not ``train``.
    """

    def __init__(self, study: Mapping) -> None:
        self.paths = {key: Path(study[key]) for key in FILES if study.get(key)}
        self.groups = study.get('label_groups')
        self._unchecked = list(reversed(self.paths.values()))
        if 'train' not in self.paths and (self.groups or 'unseen' in self.paths):
            raise InputError(
                'the study has label_groups or unseen without train, expected the '
                'graphs that were trained on'
            )

    def digests(self) -> dict[str, str | None]:
        """Return 12 hexadecimal digits a file, None where it is not there."""
        return {
            key: hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            if path.is_file()
            else None
            for key, path in self.paths.items()
        }

    def check(self) -> None:
        """Read the files, once.

        Raises:
            InputError: One is missing or cannot be read.
        """
        while self._unchecked:
            load_scene_graphs(self._unchecked[-1])
            self._unchecked.pop()

    def score(self, predictions: Path) -> dict:
        """Return ``metrics`` and ``parts``, None where nothing is measured, and counts.

        ``hits`` are those of the first K of each video, see :func:`hits_by_video`.
        Where predictions are of none of the ``unseen`` videos, these are not scored.

        Args:
            predictions: Scene graphs that were found.

        Raises:
            InputError: A file is missing or cannot be read, or a prediction is of a
                video that none of them has.
        """
        wanted = load_ground_truth(self.paths['ground_truth'])
        found = load_scene_graphs(predictions)
        others = {
            key: load_scene_graphs(self.paths[key])
            for key in ('baseline', 'train')
            if key in self.paths
        }
        more: list[SceneGraph] = []
        if 'unseen' in self.paths:
            more = load_ground_truth(self.paths['unseen'])
        ids = {graph.video_id for graph in more}
        apart = [graph for graph in found if graph.video_id in ids]
        found = [graph for graph in found if graph.video_id not in ids]
        scores = score_scene_graphs(
            wanted, found, TOPK, stages=True, masks=True, **others
        )
        metrics = scores.to_dict()
        del metrics['info']
        if 'train' in others:
            counts = LabelCounts.of(others['train'])
            if more:
                metrics |= _seen(more, apart, counts)
            if self.groups:
                metrics |= _by_group(wanted, found, counts, self.groups)
        parts = dataclasses.asdict(scores.parts)
        return dict(
            metrics={key: _rounded(value) for key, value in metrics.items()},
            parts={key: _rounded(value) for key, value in parts.items()},
            objects=sum(len(graph.objects) for graph in found),
            relations=sum(len(graph.relations) for graph in found),
            hits=hits_by_video(scores.recall.matches, TOPK[0]),
        )


def _seen(
    wanted: Sequence[SceneGraph], found: Sequence[SceneGraph], counts: LabelCounts
) -> dict[str, float | None]:
    """Return the recall of seen and unseen labels, None without any prediction."""
    if not found:
        kinds = ('objects', 'predicates')
        return dict.fromkeys(
            f'{group} {kind} R@{k}'
            for group, kind, k in itertools.product(SEEN.least, kinds, TOPK)
        )
    return {
        f'{group} {kind} R@{k}': value
        for k in TOPK
        for kind, groups in group_recall(wanted, found, counts, k=k).items()
        for group, (value, _) in groups.items()
    }


def _by_group(
    wanted: Sequence[SceneGraph],
    found: Sequence[SceneGraph],
    counts: LabelCounts,
    least: Mapping[str, int],
) -> dict[str, float]:
    """Return how much of each group of labels is recognised and found."""
    groups = FrequencyGroups(least)
    shares = {
        'accuracy': group_accuracy(wanted, found, counts, groups),
        f'R@{TOPK[0]}': group_recall(wanted, found, counts, groups, TOPK[0]),
    }
    return {
        f'{group} {kind} {what}': value
        for what, kinds in shares.items()
        for kind, rows in kinds.items()
        for group, (value, _) in rows.items()
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 2)
