"""Large JSON annotation file whose records are decoded one at a time."""

import mmap
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from mmfourdpsg.utils import InputError

from .annotation_file import AnnotationFile

T = TypeVar('T')
_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)


class RecordFile(AnnotationFile):
    """Reads a JSON file whose form a type says.

    The file is mapped into memory, not read: parts of the type that are
    ``msgspec.Raw`` stay where they are until :meth:`record` decodes them. So a
    gigabyte of records costs little more than the largest of them.

    Args:
        path: The file.
        kind: Type of the content, of ``msgspec.Struct`` and builtins. Whole numbers
            may be written as text.

    Attributes:
        content: The content, of that type.

    Raises:
        InputError: The file is missing, is not JSON or is not of that form; the
            message names the place.
    """

    def __init__(self, path: str | Path, kind: type[T]) -> None:
        self.path = Path(path)
        try:
            with open(self.path, 'rb') as file:
                self._buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise InputError(
                f'{self.path}: cannot be read ({error.strerror}), expected the '
                "data set's annotation"
            ) from None
        except ValueError:
            raise InputError(f'{self.path}: is an empty file, expected JSON') from None
        mark = len(BOM_UTF8) if self._buffer[: len(BOM_UTF8)] == BOM_UTF8 else 0
        self.content: T = self._decode(memoryview(self._buffer)[mark:], kind, '')
        self.forget()

    def record(self, raw: msgspec.Raw, kind: type[T], where: str) -> T:
        """Return a part of the file, decoded.

        Args:
            raw: The part.
            kind: Its type.
            where: Its place, for the message.

        Raises:
            InputError: It is not of that form.
        """
        return self._decode(raw, kind, f'{where}: ')

    def records(
        self, raws: list[msgspec.Raw], kind: type[T], name: str = ''
    ) -> Iterator[tuple[str, T]]:
        """Yield the place and the content of each of a list's records."""
        for index, raw in enumerate(raws):
            where = f'{name}[{index}]'
            yield where, self.record(raw, kind, where)
            # What has been read would else count as the process's memory.
            if index % 4096 == 4095:
                self.forget()

    def forget(self) -> None:
        """Let go of the pages of the file that are in memory."""
        if hasattr(mmap, 'MADV_DONTNEED'):
            self._buffer.madvise(mmap.MADV_DONTNEED)

    def _decode(self, content: Any, kind: type[T], where: str) -> T:
        try:
            return msgspec.json.decode(content, type=kind, strict=False)
        except msgspec.ValidationError as error:
            problem = f'{self.path}: {where}{error}'
            raise InputError(problem.replace('`', "'")) from None
        except _ERRORS as error:
            raise InputError(
                f'{self.path}: {where}is not valid JSON ({error})'
            ) from None
