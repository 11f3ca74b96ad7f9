"""Hits of a run by video and predicate, from which comparisons are resampled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmfourdpsg.utils import InputError

HITS = 'hits'
"""Entry of a record, see :func:`hits_by_video`."""


@dataclass(frozen=True)
class VideoHits:
    """Hits of one row of a table.

    Shapes: ``S`` seeds, ``V`` videos, ``P`` predicates.

    Attributes:
        videos: Names of the videos.
        predicates: Names of the predicates.
        found: Relations that are found ``[S, V, P]``.
        total: Relations that there are ``[V, P]``.
    """

    videos: tuple[str, ...]
    predicates: tuple[str, ...]
    found: np.ndarray
    total: np.ndarray

    @classmethod
    def from_records(cls, records: Sequence[Mapping]) -> 'VideoHits | None':
        """Return the hits of the records of a row's seeds, None if one has none.

        Raises:
            InputError: They are of different videos or relations.
        """
        counts = [record.get(HITS) for record in records]
        if not counts or not all(counts):
            return None
        totals = [
            {
                (video, name): total
                for video, cells in row.items()
                for name, (_, total) in cells.items()
            }
            for row in counts
        ]
        if any(row != totals[0] for row in totals):
            raise InputError(
                f'records of {records[0].get("row")!r} are of different videos or '
                'relations, expected the same for all seeds'
            )
        videos = tuple(sorted(counts[0]))
        predicates = tuple(sorted({name for _, name in totals[0]}))
        cells = np.zeros((len(counts), len(videos), len(predicates), 2))
        for s, row in enumerate(counts):
            for video, name in totals[0]:
                place = s, videos.index(video), predicates.index(name)
                cells[place] = row[video][name]
        return cls(videos, predicates, cells[..., 0], cells[0, ..., 1])

    def is_paired_with(self, other: 'VideoHits') -> bool:
        """Return whether another row is of the same videos and relations."""
        return (
            self.videos == other.videos
            and self.predicates == other.predicates
            and bool((self.total == other.total).all())
        )
