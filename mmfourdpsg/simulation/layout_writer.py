"""Base class of the writers of all layouts."""

import json
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path

from mmfourdpsg.utils import InputError, atomic_write

from .recording import Recording


class LayoutWriter(ABC):
    """Writes recordings in the layout of some data set.

    A video is written beside its place and then moved there; its record comes last.
    So a stopped run leaves no half video that passes for whole. The annotation, which
    :meth:`finish` writes, names complete videos alone: it goes when one is replaced.

    Args:
        root: The data set's folder, e.g. ``data/tabletop/psg4d_gta``.
        fingerprint: What the videos depend on besides their seeds; a video that was
            written under another one is not reused.

    Attributes:
        annotation: The annotation's file, relative to ``root``.
    """

    annotation: str

    def __init__(self, root: str | Path, fingerprint: str) -> None:
        self.root = Path(root)
        self.fingerprint = fingerprint

    @abstractmethod
    def places(self, video_id: str, seed: int) -> list[str]:
        """Return the files and folders that are a video's own, relative to ``root``."""

    @abstractmethod
    def write_files(self, folder: Path, recording: Recording) -> dict | list:
        """Write a video's files below a folder as they shall be below ``root``.

        Returns:
            What the annotation will say of it, fit for JSON.
        """

    @abstractmethod
    def write_annotation(self, splits: dict[str, list[dict | list]]) -> dict | list:
        """Write the annotation from split -> what its videos gave; return it."""

    def has(self, video_id: str, seed: int) -> bool:
        """Return whether a video is there already, whole and from the same seed."""
        record = self._read(video_id)
        return (
            record is not None
            and record['seed'] == seed
            and record['fingerprint'] == self.fingerprint
            and all(
                (self.root / place).exists() for place in self.places(video_id, seed)
            )
        )

    def write(self, recording: Recording) -> None:
        """Write one video."""
        video_id = recording.scene_graph.video_id
        self._record_path(video_id).unlink(missing_ok=True)
        (self.root / self.annotation).unlink(missing_ok=True)
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix='.video-', dir=self.root))
        try:
            data = self.write_files(temporary, recording)
            for name in self.places(video_id, recording.seed):
                place = self.root / name
                place.parent.mkdir(parents=True, exist_ok=True)
                if place.is_dir():
                    shutil.rmtree(place)
                os.replace(temporary / name, place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        record = dict(seed=recording.seed, fingerprint=self.fingerprint, data=data)
        with atomic_write(self._record_path(video_id)) as path:
            path.write_text(json.dumps(record), encoding='utf-8')

    def finish(self, splits: dict[str, list[str]]) -> dict | list:
        """Write the annotation of all videos.

        Args:
            splits: Split -> ids of its videos.

        Returns:
            The annotation's content.

        Raises:
            InputError: A video of a split was never written.
        """
        data: dict[str, list] = {}
        for split, video_ids in splits.items():
            data[split] = []
            for video_id in video_ids:
                record = self._read(video_id)
                if record is None:
                    raise InputError(f'{self.root}: video {video_id!r} was not written')
                data[split].append(record['data'])
        return self.write_annotation(data)

    def write_json(self, name: str, content: dict | list) -> None:
        """Write a file of JSON below ``root``, whole or not at all."""
        with atomic_write(self.root / name) as path:
            path.write_text(json.dumps(content), encoding='utf-8')

    def _record_path(self, video_id: str) -> Path:
        return self.root / '.records' / f'{video_id}.json'

    def _read(self, video_id: str) -> dict | None:
        try:
            return json.loads(self._record_path(video_id).read_bytes())
        except (OSError, ValueError):
            return None
