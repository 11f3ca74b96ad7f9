"""Scores of predictions against the ground-truth files that a study names."""

import dataclasses
import hashlib
import math
from collections.abc import Mapping
from pathlib import Path

from mmfourdpsg.evaluation.functional import hits_by_video
from mmfourdpsg.evaluation.scores import score_scene_graphs
from mmfourdpsg.structures import load_ground_truth, load_scene_graphs

TOPK = (20, 50, 100)


class ScoredFiles:
    """Scores predictions against the files that a study names.

    Args:
        study: Has ``ground_truth``, scene graphs to be found, and perhaps ``baseline``,
            others, whose predicates are scored on the same pairs, and ``train``, those
            that were trained on, which tell seen labels from unseen ones.
    """

    def __init__(self, study: Mapping) -> None:
        self.paths = {
            key: Path(study[key])
            for key in ('ground_truth', 'baseline', 'train')
            if study.get(key)
        }

    def digests(self) -> dict[str, str | None]:
        """Return 12 hexadecimal digits a file, None where it is not there."""
        return {
            key: hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            if path.is_file()
            else None
            for key, path in self.paths.items()
        }

    def check(self) -> None:
        """Read the files.

        Raises:
            InputError: One is missing or cannot be read.
        """
        for path in self.paths.values():
            load_scene_graphs(path)

    def score(self, predictions: Path) -> dict:
        """Return ``metrics`` and ``parts``, None where nothing is measured, and counts.

        ``hits`` are those of the first K of each video, see :func:`hits_by_video`.

        Args:
            predictions: Scene graphs that were found.

        Raises:
            InputError: A file is missing or cannot be read.
        """
        wanted = load_ground_truth(self.paths['ground_truth'])
        found = load_scene_graphs(predictions)
        others = {
            key: load_scene_graphs(self.paths[key])
            for key in ('baseline', 'train')
            if key in self.paths
        }
        scores = score_scene_graphs(wanted, found, TOPK, stages=True, **others)
        metrics = scores.to_dict()
        del metrics['info']
        parts = dataclasses.asdict(scores.parts)
        return dict(
            metrics={
                key: value if value is None else round(value, 2)
                for key, value in metrics.items()
            },
            parts={key: _rounded(value) for key, value in parts.items()},
            objects=sum(len(graph.objects) for graph in found),
            relations=sum(len(graph.relations) for graph in found),
            hits=hits_by_video(scores.recall.matches, TOPK[0]),
        )


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 2)
