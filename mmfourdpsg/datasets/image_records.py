"""Records of one file of Visual Genome by image, decoded when asked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from .record_file import RecordFile


class _Id(msgspec.Struct):
    image_id: int


class ImageRecords:
    """The records of one file by image, decoded when asked for.

    Args:
        path: A list of objects, each with its ``image_id``.
        wanted: Ids of the images that will be asked for.

    Raises:
        InputError: The file is no such list, or has an image twice.
    """

    def __init__(self, path: Path, wanted: set[int]) -> None:
        self.file = RecordFile(path, list[msgspec.Raw])
        self._raws: dict[int, tuple[int, msgspec.Raw]] = {}
        for index, raw in enumerate(self.file.content):
            image_id = self.file.record(raw, _Id, f'[{index}]').image_id
            if image_id in self._raws:
                self.file.fail(f'[{index}]', f'image {image_id} occurs twice')
            if image_id in wanted:
                self._raws[image_id] = index, raw
            if index % 4096 == 4095:
                self.file.forget()
        self.file.content = None

    def __iter__(self) -> Iterator[int]:
        return iter(self._raws)

    def get(self, image_id: int, kind: type) -> Any:
        """Return an image's record, an empty one if there is none."""
        if image_id not in self._raws:
            return kind(image_id, [])
        index, raw = self._raws[image_id]
        return self.file.record(raw, kind, f'[{index}] (image {image_id})')
