"""Report of what the checks found in all videos of a data set."""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from .depth_input import DepthInputCounts
from .video_checker import DEPTH_EDGES, VideoCheck

MAX_LISTED = 50
"""Masks that the text names one by one."""


class DatasetReport:
    """Adds up the checks of videos.

    Args:
        name: Name of the data set.
        published: What is published of it: name -> number, any of ``videos``,
            ``categories`` and ``predicates``.
        metainfo: Meta information of the data set.
        checks: The checks of its videos.
    """

    def __init__(
        self,
        name: str,
        published: Mapping[str, int],
        metainfo: Mapping[str, list[str]],
        checks: Iterable[VideoCheck],
    ) -> None:
        self.name = name
        checks = list(checks)
        self.categories, self.predicates = Counter(), Counter()
        for check in checks:
            self.categories.update(check.categories)
            self.predicates.update(check.predicates)
        listed = [*metainfo['thing_classes'], *metainfo['stuff_classes']]
        self.counts = dict(
            videos=len(checks),
            frames=sum(check.num_frames for check in checks),
            objects=self.categories.total(),
            relations=sum(check.num_relations for check in checks),
            categories=len(listed),
            predicates=len(metainfo['predicates']),
        )
        self.differences = {
            key: dict(found=self.counts[key], published=number)
            for key, number in published.items()
            if self.counts[key] != number
        }
        self.problems = [
            dict(video=check.video_id, kind=kind, message=message)
            for check in checks
            for kind, message in check.problems
        ]
        self.unknown_masks = [row for check in checks for row in check.unknown_masks]
        self.empty_objects = sum(check.empty_objects for check in checks)
        self.absent_ends = sum(check.absent_ends for check in checks)
        self.unknown_depth = sum(check.unknown_depth for check in checks)
        self.depth_counts = sum(
            (check.depth_counts for check in checks),
            start=np.zeros(len(DEPTH_EDGES) - 1, np.int64),
        )
        sums = sum((check.inverse_depth for check in checks), start=np.zeros(2))
        known = max(int(self.depth_counts.sum()), 1)
        self.depth_input = sum(
            (check.depth_input for check in checks), start=DepthInputCounts()
        )
        mean, square = sums / known
        self.inverse_depth = float(mean), float(np.sqrt(max(square - mean**2, 0)))

    @property
    def is_good(self) -> bool:
        """Whether every file was there and could be read."""
        return not self.problems

    def to_json(self) -> dict:
        """Return everything as JSON would have it."""
        return dict(
            name=self.name,
            counts=self.counts,
            differences_from_published=self.differences,
            problems=self.problems,
            masks_with_unknown_ids=[
                dict(file=path, ids=ids) for path, ids in self.unknown_masks
            ],
            empty_objects=self.empty_objects,
            relation_frames_without_an_end=self.absent_ends,
            depth=dict(
                edges_in_metres=[str(edge) for edge in DEPTH_EDGES],
                pixels=self.depth_counts.tolist(),
                unknown=self.unknown_depth,
                inverse_mean=self.inverse_depth[0],
                inverse_deviation=self.inverse_depth[1],
                # None where no model is configured, or nothing is known.
                encoder_input=self.depth_input.to_json()
                if self.depth_input.number
                else None,
            ),
            categories=dict(self.categories.most_common()),
            predicates=dict(self.predicates.most_common()),
        )

    def to_text(self) -> str:
        """Return a summary to read."""
        lines = [self.name]
        lines.append(
            '  ' + ', '.join(f'{value} {key}' for key, value in self.counts.items())
        )
        for key, pair in self.differences.items():
            lines.append(
                f'  differs: {pair["found"]} {key}, published are {pair["published"]}'
            )
        for kind, number in Counter(row['kind'] for row in self.problems).items():
            first = next(row for row in self.problems if row['kind'] == kind)
            lines.append(f'  WRONG {kind}: {number} videos; {first["message"]}')
        lines += self._mask_lines()
        lines.append(
            f'  {self.empty_objects} objects without a pixel; {self.absent_ends} '
            'frames of relations without their subject or object'
        )
        lines += self._depth_lines()
        for name, counts in (
            ('categories', self.categories),
            ('predicates', self.predicates),
        ):
            rows = [f'{key} {number}' for key, number in counts.most_common()]
            if rows:
                lines.append(f'  commonest {name}: {", ".join(rows[:10])}')
                lines.append(f'  rarest {name}: {", ".join(rows[-10:])}')
        lines.append('  good' if self.is_good else '  not good')
        return '\n'.join(lines)

    def _mask_lines(self) -> list[str]:
        if not self.unknown_masks:
            return []
        rows = [f'    {path}: {ids}' for path, ids in self.unknown_masks[:MAX_LISTED]]
        left = len(self.unknown_masks) - len(rows)
        return [
            f'  {len(self.unknown_masks)} masks with ids that the annotation lacks, '
            'taken as void',
            *rows,
            *([f'    and {left} more: --out writes all'] if left else []),
        ]

    def _depth_lines(self) -> list[str]:
        total = int(self.depth_counts.sum()) + self.unknown_depth
        if not total:
            return []
        rows = [('unknown', self.unknown_depth)]
        for low, high, number in zip(
            DEPTH_EDGES, DEPTH_EDGES[1:], self.depth_counts, strict=False
        ):
            rows.append((f'{low:g} to {high:g} m', int(number)))
        lines = [
            f'  {name:>14} {number / total:7.2%} {"#" * round(40 * number / total)}'
            for name, number in rows
            if number
        ]
        mean, deviation = self.inverse_depth
        return [
            '  depth of pixels',
            *lines,
            f'  1 / depth: mean {mean:.3f}, deviation {deviation:.3f} per metre',
            *([f'  {self.depth_input.to_text()}'] if self.depth_input.number else []),
        ]
