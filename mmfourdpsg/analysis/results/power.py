"""Which differences a test set can show."""

import math
import statistics
from collections.abc import Mapping, Sequence

from scipy.stats import norm

from .paired_bootstrap import CONFIDENCE, METRICS, paired_difference
from .video_hits import VideoHits

POWER = 0.8
POINTS = 2.0


def seen_difference(error: float) -> float:
    """Return the least true difference that is seen in four of five test sets.

    It is seen where the interval of a normal difference leaves out 0.

    Args:
        error: Standard error of the difference.
    """
    return error * float(norm.ppf((1 + CONFIDENCE) / 2) + norm.ppf(POWER))


def needed_videos(error: float, videos: int, points: float) -> int:
    """Return how many videos it takes to see a difference of some points.

    Args:
        error: Standard error of the difference with ``videos`` videos; it falls with
            the square root of their number.
        videos: Number of videos.
        points: The difference in points of percent.
    """
    return math.ceil(videos * (seen_difference(error) / points) ** 2)


def power_note(rows: Mapping[str, VideoHits]) -> str:
    """Return one line on which differences a table can show, ``-`` if it cannot tell.

    Args:
        rows: Rows of a table, compared with the first one; those that are not of the
            same relations are left out.
    """
    if not rows:
        return '-'
    reference, *others = rows.values()
    paired = [row for row in others if row.is_paired_with(reference)]
    if not paired:
        return '-'
    videos, relations = len(reference.videos), int(reference.total.sum())
    errors = {metric: _typical_error(paired, reference, metric) for metric in METRICS}
    if not all(errors.values()):
        # Rows that do not differ tell nothing of how much others would.
        return '-'
    seen, needed = [], []
    for metric, error in errors.items():
        seen.append(f'{seen_difference(error):.1f} points of {metric}')
        needed.append(f'{needed_videos(error, videos, POINTS)} videos for {metric}')
    return (
        f'With {videos} videos and {relations} relations a difference between rows of '
        f'{", or of ".join(seen)}, is seen in {100 * POWER:.0f} of 100 such test sets '
        f'({100 * CONFIDENCE:.0f} % interval over paired videos); {POINTS:g} points '
        f'would take {" and ".join(needed)}.'
    )


def _typical_error(
    rows: Sequence[VideoHits], reference: VideoHits, metric: str
) -> float:
    """Return the median standard error of the rows' differences."""
    return statistics.median(
        paired_difference(row, reference, metric).error for row in rows
    )
