"""Similarity of estimated features to gold ones (paper, Fig. 4)."""

from dataclasses import dataclass

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from mmfourdpsg.utils import InputError


def feature_similarity(
    estimated: Tensor, gold: Tensor, mask: Tensor | None = None
) -> Tensor:
    """Return the cosine of each estimated feature and its gold one.

    The paper names no measure beyond its reference; the cosine is what its axis, from
    below 0 to 1, allows.

    Args:
        estimated: ``[..., C]``.
        gold: The same shape.
        mask: bool ``[...]``, which features count; None takes all.

    Returns:
        Tensor: ``[M]`` cosines of the features that count, in their order.
    """
    cosines = F.cosine_similarity(estimated.float(), gold.float(), dim=-1)
    return cosines.flatten() if mask is None else cosines[mask]


@dataclass
class SimilarityDistribution:
    """A histogram of cosines, which needs the same memory however many there are.

    Attributes:
        counts: int64 ``[bins]``, equal bins from -1 to 1.
        total: Sum of the cosines.
    """

    counts: np.ndarray
    total: float

    @classmethod
    def of(cls, cosines: Tensor, bins: int = 200) -> 'SimilarityDistribution':
        """Count cosines ``[M]`` in ``bins`` bins."""
        values = cosines.detach().double().cpu().numpy().clip(-1, 1)
        counts, _ = np.histogram(values, bins=bins, range=(-1, 1))
        return cls(counts, float(values.sum()))

    @classmethod
    def from_dict(cls, content: dict) -> 'SimilarityDistribution':
        """Read what :meth:`to_dict` wrote.

        Raises:
            InputError: It is something else.
        """
        try:
            counts = np.array(content['counts'], dtype=np.int64)
            total = float(content['total'])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f'no distribution of similarities ({error!r}), expected counts, total'
            ) from error
        if counts.ndim != 1 or len(counts) == 0 or (counts < 0).any():
            raise InputError('counts of similarities are no list of numbers from 0 on')
        return cls(counts, total)

    def to_dict(self) -> dict:
        """Return what JSON can hold."""
        return dict(counts=self.counts.tolist(), total=self.total)

    def __add__(self, other: 'SimilarityDistribution') -> 'SimilarityDistribution':
        return SimilarityDistribution(
            self.counts + other.counts, self.total + other.total
        )

    @property
    def number(self) -> int:
        """How many cosines there are."""
        return int(self.counts.sum())

    @property
    def edges(self) -> np.ndarray:
        """Edges of the bins, ``[bins + 1]``."""
        return np.linspace(-1, 1, len(self.counts) + 1)

    @property
    def mean(self) -> float:
        """Mean cosine, nan where there is none."""
        return self.total / self.number if self.number else float('nan')

    def quantile(self, share: float) -> float:
        """Return a quantile, as exact as a bin is wide; nan where there is none."""
        if not self.number:
            return float('nan')
        below = np.concatenate([[0], self.counts.cumsum()]) / self.number
        return float(np.interp(share, below, self.edges))
