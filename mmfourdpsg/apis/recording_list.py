"""Recordings whose scene graphs are found in one go."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmfourdpsg.utils import InputError, check_output_folder

from .recording import Recording
from .result_files import RESULTS, folder_names

_KEYS = ('rgb', 'depth', 'depth_scale', 'fps', 'time_tolerance')


class RecordingList:
    """Recordings that were asked for, and why those are left out that are.

    All are opened at once, so that no fault of one ends hours of work on others.

    Args:
        requests: What each recording is: its RGB frames, or a mapping of arguments of
            :class:`Recording`.
        defaults: Those arguments of it that a request does not name.
        out_dir: Each has a folder of its own below this one; None writes nothing.
        keep_errors: Whether a recording that is at fault is told in one line and left
            out; otherwise it raises.

    Raises:
        InputError: A request names what is no argument, ``keep_errors`` or not; or a
            recording or its folder is at fault.

    Attributes:
        recordings: The recordings by their places among the requests.
        folders: Their folders, likewise; none where nothing is written.
        errors: Why the others are left out.
    """

    def __init__(
        self,
        requests: Sequence[str | Path | Mapping[str, Any]],
        defaults: Mapping[str, Any],
        out_dir: str | Path | None = None,
        keep_errors: bool = False,
    ) -> None:
        self.keep_errors = keep_errors
        self.recordings: dict[int, Recording] = {}
        self.folders: dict[int, Path] = {}
        self.errors: dict[int, InputError] = {}
        for index, request in enumerate([_arguments(item) for item in requests]):
            try:
                self.recordings[index] = Recording(**{**defaults, **request})
            except InputError as error:
                self.leave_out(index, error)
        if out_dir is not None:
            names = folder_names(list(self.recordings.values()))
            for index, name in zip(list(self.recordings), names, strict=True):
                self.folders[index] = Path(out_dir) / name
                try:
                    check_output_folder(self.folders[index], RESULTS)
                except InputError as error:
                    self.leave_out(index, error)

    def leave_out(self, index: int, error: InputError) -> None:
        """Leave a recording out, and say why.

        Args:
            index: Its place among the requests.
            error: What is wrong with it.

        Raises:
            InputError: Errors are not kept.
        """
        if not self.keep_errors:
            raise error
        print(f'left out: {error}', file=sys.stderr, flush=True)
        self.recordings.pop(index, None)
        self.errors[index] = error

    def batches(self, size: int) -> Iterator[list[int]]:
        """Yield the places of the recordings, so many at a time.

        Raises:
            InputError: The size is not positive.
        """
        if size < 1:
            raise InputError(f'batch size {size}: expected at least 1')
        places = list(self.recordings)
        for start in range(0, len(places), size):
            yield places[start : start + size]


def _arguments(request: str | Path | Mapping[str, Any]) -> dict[str, Any]:
    """Return what a request says of a recording, by argument."""
    if not isinstance(request, Mapping):
        return dict(rgb=request)
    for key in request:
        if key not in _KEYS:
            raise InputError(
                f'recording {dict(request)}: has {key!r}, expected {", ".join(_KEYS)}'
            )
    if 'rgb' not in request:
        raise InputError(
            f"recording {dict(request)}: has no 'rgb', expected its frames"
        )
    return dict(request)
