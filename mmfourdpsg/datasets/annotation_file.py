"""JSON annotation file whose faults are told by file and place."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from mmfourdpsg.utils import InputError

_NAMES = {dict: 'an object', list: 'a list', str: 'a text', int: 'a whole number'}


class AnnotationFile:
    """Reads a JSON file and checks what is taken out of it.

    Args:
        path: The file.

    Attributes:
        content: The parsed JSON, an object.

    Raises:
        InputError: The file is missing, is not JSON or is no object.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self.content = json.loads(self.path.read_bytes())
        except OSError as error:
            raise InputError(
                f'{self.path}: cannot be read ({error.strerror}), expected the '
                "data set's annotation"
            ) from None
        except (ValueError, RecursionError) as error:
            raise InputError(f'{self.path}: is not valid JSON ({error})') from None
        self.check(self.content, dict, 'top level')

    def fail(self, where: str, problem: str) -> NoReturn:
        """Raise an InputError that names the file and the place in it."""
        raise InputError(f'{self.path}: {where}: {problem}')

    def check(self, value: Any, kind: type, where: str) -> Any:
        """Return a value, which has to be of a kind.

        Args:
            value: From the file.
            kind: ``dict``, ``list``, ``str`` or ``int``; an id may be a decimal text
                where a whole number is meant.
            where: Its place, for the message.

        Raises:
            InputError: It is of another kind.
        """
        if kind is int and isinstance(value, str) and value.isdecimal():
            return int(value)
        # JSON's true is a Python int.
        if not isinstance(value, kind) or isinstance(value, bool):
            self.fail(where, f'expected {_NAMES[kind]}, found {value!r:.60}')
        return value

    def get(self, row: dict, key: str, kind: type, where: str) -> Any:
        """Return ``row[key]``, which has to be there and of a kind.

        Raises:
            InputError: It is missing or of another kind.
        """
        self.check(row, dict, where)
        if key not in row:
            self.fail(where, f'expected the key {key!r} ({_NAMES[kind]})')
        return self.check(row[key], kind, f'{where}.{key}')

    def file_name(self, value: Any, where: str) -> str:
        """Return a path of the annotation, which has to stay below the data root.

        Args:
            value: From the file.
            where: Its place, for the message.

        Raises:
            InputError: It is no text, is absolute or leads upwards.
        """
        name = self.check(value, str, where)
        path = PurePosixPath(name.replace('\\', '/'))
        if not name or path.is_absolute() or '..' in path.parts or '\0' in name:
            self.fail(where, f'expected a path below the data root, found {name!r:.60}')
        return name

    def videos_of_split(
        self,
        split: str,
        splits: Mapping[str, Sequence[str]],
        records: Mapping[str, Any],
    ) -> list[str]:
        """Return the ids of a split's videos.

        Args:
            split: The split, several joined by ``+``, or ``all``.
            splits: Split -> video ids.
            records: Has the id of each video that there is.

        Raises:
            InputError: The split is unknown or empty, names a video twice or one that
                is not there.
        """
        where = f'split {split!r}'
        names = [split] if split in splits else split.split('+')
        listed = [splits.get(name, ()) for name in names]
        if split == 'all':
            listed = [records]
        video_ids = list(chain.from_iterable(listed))
        if not all(listed):
            found = {name: len(ids) for name, ids in splits.items()}
            self.fail(where, f'has no videos, expected "all" or a split of {found}')
        twice = [video_id for video_id, n in Counter(video_ids).items() if n > 1]
        if twice:
            self.fail(where, f'names video {twice[0]!r} twice')
        for video_id in video_ids:
            if video_id not in records:
                self.fail(
                    where, f'names the video {video_id!r}, of which there is no record'
                )
        return video_ids
