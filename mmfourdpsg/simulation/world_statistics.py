"""Statistics of scene graphs that say how hard a world is to see and to learn."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mmfourdpsg.structures import SceneGraph


@dataclass(frozen=True)
class WorldStatistics:
    """What the videos of a split are like.

    A relation is a triplet of a video with its span.

    Attributes:
        num_videos: Number of videos.
        sizes: Percent of the image that a thing covers in a frame that shows it: 5th
            percentile, median, 95th percentile; empty without tubes.
        things: Number of things -> number of videos.
        twins: Percent of the videos with two things of a category.
        relations: Relations of a video in the mean.
        predicates: Predicate -> percent of the relations.
        dynamic: Percent of the relations that begin or end within the video.
        lengths: Frames of a range of a span: 5th percentile, median, 95th percentile.
    """

    num_videos: int
    sizes: tuple[float, ...]
    things: dict[int, int]
    twins: float
    relations: float
    predicates: dict[str, float]
    dynamic: float
    lengths: tuple[float, ...]

    @classmethod
    def of(cls, graphs: Iterable[SceneGraph]) -> 'WorldStatistics':
        """Count scene graphs."""
        sizes: list[float] = []
        lengths: list[int] = []
        things: Counter = Counter()
        predicates: Counter = Counter()
        videos = twins = dynamic = 0
        for graph in graphs:
            videos += 1
            shown = [item for item in graph.objects if item.is_thing]
            things[len(shown)] += 1
            twins += len({item.category for item in shown}) < len(shown)
            for item in shown:
                tube = item.tube
                if tube:
                    area = tube.height * tube.width
                    sizes += [
                        100 * tube.select([frame]).area() / area
                        for frame in tube.frames
                    ]
            last = graph.num_frames - 1
            for relation in graph.relations:
                predicates[relation.predicate] += 1
                dynamic += list(map(tuple, relation.span)) != [(0, last)]
                lengths += [end - start + 1 for start, end in relation.span]
        total = sum(predicates.values())
        return cls(
            videos,
            _spread(sizes),
            dict(sorted(things.items())),
            _percent(twins, videos),
            total / max(videos, 1),
            {name: _percent(n, total) for name, n in predicates.most_common()},
            _percent(dynamic, total),
            _spread(lengths),
        )

    def lines(self) -> list[str]:
        """Return the statistics in words."""
        shares = ', '.join(
            f'{name} {share:.1f}' for name, share in self.predicates.items()
        )
        counts = ', '.join(f'{n} in {videos}' for n, videos in self.things.items())
        low, middle, high = self.sizes or (float('nan'),) * 3
        short, median, long = self.lengths or (float('nan'),) * 3
        return [
            f'a thing covers {middle:.1f} % of the image in the median '
            f'(5 % less than {low:.1f}, 5 % more than {high:.1f})',
            f'things of a video: {counts}; two of a category in {self.twins:.0f} %',
            f'{self.relations:.1f} relations a video, {self.dynamic:.0f} % of them '
            'begin or end within it',
            f'a relation lasts {median:.0f} frames in the median (5 % up to '
            f'{short:.0f}, 5 % from {long:.0f} on)',
            f'percent of the relations: {shares}',
        ]


def _spread(values: list) -> tuple[float, ...]:
    if not values:
        return ()
    return tuple(float(value) for value in np.percentile(values, (5, 50, 95)))


def _percent(part: int, whole: int) -> float:
    return 100 * part / max(whole, 1)
