"""Means and covariances of patch features by object name, over a data set."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from mmfourdpsg.utils.weight_files import save_weights

from .patch_targets import ObjectPatches, object_means


class NameStatistics:
    """Adds up what :class:`NameEmbeddings` are made of.

    Shapes: ``F`` frames, ``M`` objects of a frame, ``gh`` x ``gw`` patches, ``K``
    names, ``C`` channels.

    Args:
        names: All names.
        channels: Channels ``C`` of the features.
        pure: Least coverage of a patch that counts as its object's.
    """

    def __init__(self, names: Sequence[str], channels: int, pure: float = 0.75) -> None:
        self.names = list(names)
        self.pure = pure
        shape = len(self.names), channels
        self.counts = torch.zeros(shape[0], dtype=torch.float64)
        self.sums = torch.zeros(shape, dtype=torch.float64)
        self.squares = torch.zeros(channels, channels, dtype=torch.float64)
        self.patch_squares = torch.zeros(channels, channels, dtype=torch.float64)
        self.num_patches = 0

    def add(self, features: Tensor, objects: ObjectPatches) -> None:
        """Add frames.

        Args:
            features: ``[F, gh, gw, C]``.
            objects: The objects in them.
        """
        means, shown = object_means(features, objects.coverage)
        shown &= objects.labels >= 0
        rows = means[shown].double().cpu()  # [n, C]
        labels = objects.labels[shown].cpu()
        self.counts.index_add_(0, labels, torch.ones(len(rows), dtype=torch.float64))
        self.sums.index_add_(0, labels, rows)
        self.squares += rows.T @ rows
        frame, item, row, column = torch.nonzero(
            (objects.coverage >= self.pure) & shown[..., None, None], as_tuple=True
        )
        rest = features[frame, row, column].float() - means[frame, item]
        rest = rest.double().cpu()
        self.patch_squares += rest.T @ rest
        self.num_patches += len(rest)

    def save(self, path: str | Path, metadata: dict[str, str] | None = None) -> None:
        """Write the file of :class:`NameEmbeddings`, with the names that occurred."""
        seen = self.counts > 0
        counts, sums = self.counts[seen], self.sums[seen]
        total = counts.sum()
        means = sums / counts[:, None]
        within = self.squares - (means * counts[:, None]).T @ means
        names = [
            name for name, was in zip(self.names, seen.tolist(), strict=True) if was
        ]
        state = dict(
            means=means.float(),
            object_factor=_root(within / total),
            patch_factor=_root(self.patch_squares / max(self.num_patches, 1)),
        )
        save_weights(path, state, dict(metadata or {}, names=json.dumps(names)))


def _root(covariance: Tensor) -> Tensor:
    """Return a matrix whose product with its transpose is the covariance."""
    values, vectors = torch.linalg.eigh(covariance)
    return (vectors * values.clamp(min=0).sqrt()).float()
