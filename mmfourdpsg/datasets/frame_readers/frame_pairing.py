"""Pairing of depth maps and masks with RGB frames, by the names of their files."""

import bisect
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median

from mmfourdpsg.utils import InputError

from .frame_names import frame_numbers, frame_text

TIME_TOLERANCE = 0.02
"""Seconds by which the times of a frame and of its depth may differ (TUM RGB-D's)."""


def pair_frames(
    frames: Sequence[Path],
    others: Sequence[Path],
    kind: str,
    time_tolerance: float = TIME_TOLERANCE,
) -> list[Path]:
    """Return the partner of each RGB frame: the file whose name has the same number.

    Prefixes and padding do not matter: ``in_00_c.png`` belongs to ``in_00_d.png``,
    ``frame_1.png`` to ``depth_0001.png``, and numbers that are the same in a whole
    folder count for nothing. Of several others all count, or one (the first or the
    last that do) where each of them rises from file to file, as a frame's number and
    its time do. Names without a number pair if they are equal but for the ending.

    Numbers with a fraction are times in seconds. The nearest ones pair, one to one,
    if they differ by no more than the tolerance and by less than three quarters of the
    time between frames: those of a fast camera shall not pair with a neighbour.

    Nothing is shifted or left out: frames that are numbered from 0 beside depth that is
    numbered from 1 are refused, however many there are, since nobody can tell whether
    that is another way of counting or a lost file at either end.

    Args:
        frames: Files of the RGB frames in natural order, at least one.
        others: Files of the depth maps or masks in natural order, at least one.
        kind: What those are, for the message.
        time_tolerance: Largest difference of numbers that pair, see above.

    Returns:
        One of ``others`` for each of ``frames``.

    Raises:
        InputError: A file has no partner.
    """
    if not (math.isfinite(time_tolerance) and time_tolerance >= 0):
        raise InputError(
            f'time tolerance {time_tolerance}: expected a number of seconds from 0'
        )
    if [path.stem for path in frames] == [path.stem for path in others]:
        return list(others)
    partners = _partners(frames, others, time_tolerance)
    if len(partners) == len(frames) == len(others):
        return [others[partners[index]] for index in range(len(frames))]
    raise InputError(_refusal(frames, others, partners, kind, time_tolerance))


def _partners(
    frames: Sequence[Path], others: Sequence[Path], tolerance: float
) -> dict[int, int]:
    """Return index of a frame -> that of its partner, as many as can be."""
    if len(frames) == len(others) == 1:
        belong = _may_belong(*map(frame_numbers, (*frames, *others)), tolerance)
        return {0: 0} if belong else {}
    ours, theirs = _differing_numbers(frames), _differing_numbers(others)
    found = [_equal(*map(_texts, (frames, others))), _equal(ours, theirs)]
    places = _rising_numbers(theirs)
    for place, numbers in _rising_numbers(ours).items():
        if place in places:
            found.append(_nearest(numbers, places[place], tolerance))
    return max(found, key=len)


def _may_belong(
    first: tuple[Fraction, ...], second: tuple[Fraction, ...], tolerance: float
) -> bool:
    """Return whether two lone files say nothing against belonging together."""
    short, long = sorted((first, second), key=len)
    beginning, end = long[: len(short)], long[len(long) - len(short) :]
    return any(
        all(abs(a - b) <= tolerance for a, b in zip(short, part, strict=True))
        for part in (beginning, end)
    )


def _texts(paths: Sequence[Path]) -> list[str]:
    return [frame_text(path) for path in paths]


def _differing_numbers(paths: Sequence[Path]) -> list[tuple[Fraction, ...]]:
    """Return the numbers of each name, without those that are the same in all."""
    rows = [frame_numbers(path) for path in paths]
    if len(rows) == 1 or len(set(map(len, rows))) > 1:
        return rows
    differs = [len(set(column)) > 1 for column in zip(*rows, strict=True)]
    return [tuple(n for n, d in zip(row, differs, strict=True) if d) for row in rows]


def _rising_numbers(
    rows: Sequence[tuple[Fraction, ...]],
) -> dict[int, dict[int, Fraction]]:
    """Return those numbers of names of which each alone tells the frame.

    Args:
        rows: The numbers of each name that differ within the folder.

    Returns:
        Place (0 the first, -1 the last) -> index of a file -> its number; names that
        have no number there are left out. Nothing, where one of the numbers does not
        rise from file to file: it counts within what another one counts.
    """
    most = max(map(len, rows))
    found = {}
    for place in (*range(most), *range(-1, -most - 1, -1)):
        numbers = {
            index: row[place]
            for index, row in enumerate(rows)
            if -len(row) <= place < len(row)
        }
        if all(first < second for first, second in pairwise(numbers.values())):
            found[place] = numbers
    is_regular = len(set(map(len, rows))) == 1
    return found if len(found) == 2 * most or not is_regular else {}


def _equal(first: Sequence[Hashable], second: Sequence[Hashable]) -> dict[int, int]:
    if len(set(first)) < len(first) or len(set(second)) < len(second):
        return {}
    places = {key: index for index, key in enumerate(second)}
    return {i: places[key] for i, key in enumerate(first) if key in places}


def _nearest(
    first: Mapping[int, Fraction], second: Mapping[int, Fraction], tolerance: float
) -> dict[int, int]:
    """Pair rising numbers, each at most once."""
    steps = [
        median(b - a for a, b in pairwise(numbers.values()))
        for numbers in (first, second)
        if len(numbers) > 1
    ]
    too_far = min(steps, default=math.inf) * 3 / 4
    most = min(Fraction(str(tolerance)), too_far)
    near = sorted(pair for pair in _near(first, second, most) if pair[0] < too_far)
    # Where all can pair in order, so they do: nearest first would, of cameras that take
    # turns, now and then give a frame's own depth to its neighbour. Not so where they
    # would be nearer if shifted by one: then frames are lost at both ends.
    in_order = dict(zip(first, second, strict=False))
    ours, theirs = list(first.values()), list(second.values())
    shifted = min(_mean_gap(ours[1:], theirs), _mean_gap(ours, theirs[1:]))
    if (
        len(first) == len(second)
        and in_order.items() <= {pair[1:] for pair in near}
        and _mean_gap(ours, theirs) <= shifted
    ):
        return in_order
    partners: dict[int, int] = {}
    taken = set()
    for _, i, j in near:
        if i not in partners and j not in taken:
            partners[i] = j
            taken.add(j)
    return partners


def _mean_gap(first: Sequence[Fraction], second: Sequence[Fraction]) -> float:
    gaps = [float(abs(a - b)) for a, b in zip(first, second, strict=False)]
    return sum(gaps) / len(gaps) if gaps else math.inf


def _near(
    first: Mapping[int, Fraction], second: Mapping[int, Fraction], most: Fraction
) -> Iterator[tuple[Fraction, int, int]]:
    """Yield difference and both indices of numbers that differ by so much at most."""
    indices, numbers = list(second), list(second.values())
    for i, number in first.items():
        start = bisect.bisect_left(numbers, number - most)
        for place in range(start, bisect.bisect_right(numbers, number + most)):
            yield abs(numbers[place] - number), i, indices[place]


def _refusal(
    frames: Sequence[Path],
    others: Sequence[Path],
    partners: Mapping[int, int],
    kind: str,
    tolerance: float,
) -> str:
    """Return the line that names what has no partner."""
    lone = [path for i, path in enumerate(frames) if i not in partners]
    taken = set(partners.values())
    lone_others = [path for i, path in enumerate(others) if i not in taken]
    parts = []
    if lone:
        parts.append(f'no {kind} for {_listed(lone)}')
    if lone_others:
        parts.append(f'no RGB frame for {_listed(lone_others)}')
    return (
        f'{others[0].parent}: does not pair with {frames[0].parent}: '
        f'{" and ".join(parts)}; expected one {kind} a frame with the same number in '
        f'its name (times within {tolerance:g} s){_hint(frames, others)}'
    )


def _listed(paths: Sequence[Path], most: int = 3) -> str:
    more = f' and {len(paths) - most} more' * (len(paths) > most)
    return ', '.join(f'{path.name:.40}' for path in paths[:most]) + more


def _hint(frames: Sequence[Path], others: Sequence[Path]) -> str:
    """Say so where the numbers of as many files only begin differently."""
    if not len(frames) == len(others) > 1:
        return ''
    theirs = _rising_numbers(_differing_numbers(others))
    for place, ours in _rising_numbers(_differing_numbers(frames)).items():
        pairs = list(zip(ours.values(), theirs.get(place, {}).values(), strict=False))
        shifts = {second - first for first, second in pairs}
        if len(shifts) == 1 and len(pairs) == len(frames) and shifts != {0}:
            first, second = (f'{float(number):.12g}' for number in pairs[0])
            return (
                f'; the frames are numbered from {first}, these from {second}: rename '
                'one of the two'
            )
    return ''
