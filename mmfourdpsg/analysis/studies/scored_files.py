"""Scores of predictions against the ground-truth files that a study names."""

import dataclasses
import hashlib
import math
from collections.abc import Mapping
from pathlib import Path

from mmfourdpsg.evaluation.functional import evaluate_scene_graphs, part_scores
from mmfourdpsg.structures import load_ground_truth, load_scene_graphs

TOPK = (20, 50, 100)


class ScoredFiles:
    """Scores predictions against the files that a study names.

    Args:
        study: Has ``ground_truth``, scene graphs to be found, and perhaps ``baseline``,
            others, whose predicates are scored on the same pairs.
    """

    def __init__(self, study: Mapping) -> None:
        self.paths = {
            key: Path(study[key])
            for key in ('ground_truth', 'baseline')
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

        Args:
            predictions: Scene graphs that were found.

        Raises:
            InputError: A file is missing or cannot be read.
        """
        wanted = load_ground_truth(self.paths['ground_truth'])
        path = self.paths.get('baseline')
        baseline = load_scene_graphs(path) if path else None
        found = load_scene_graphs(predictions)
        metrics = evaluate_scene_graphs(wanted, found, TOPK, 'strict').metrics
        parts = part_scores(wanted, found, baseline=baseline)
        return dict(
            metrics={key: _rounded(value) for key, value in metrics.items()},
            parts={
                key: _rounded(value) for key, value in dataclasses.asdict(parts).items()
            },
            objects=sum(len(graph.objects) for graph in found),
            relations=sum(len(graph.relations) for graph in found),
        )


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 2)
