"""Reader of RGB frames whose files are numbered, as in data sets."""

from collections.abc import Sequence
from pathlib import Path

from mmfourdpsg.registry import TASK_UTILS

from .file_decoding import decode_rgb_image
from .file_sequence_reader import FileSequenceReader


class NumberedPaths(Sequence):
    """The paths of numbered files, made when asked for.

    Args:
        directory: Their directory.
        count: How many there are.
        pattern: A file's name; ``{:06d}`` stands for its number.
        start: Number of the first.
    """

    def __init__(
        self, directory: str | Path, count: int, pattern: str, start: int = 0
    ) -> None:
        self.directory = Path(directory)
        self.count = count
        self.pattern = pattern
        self.start = start

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Path:
        return self.directory / self.pattern.format(index + self.start)


@TASK_UTILS.register_module()
class NumberedImageReader(FileSequenceReader):
    """Images that are numbered through, as frames.

    Unlike :class:`ImageDirectoryReader` it knows which frames there should be, so
    that a missing one is an error rather than a shift of all later ones. It does not
    list the directory.

    Args:
        path: The directory.
        num_frames: Number of frames.
        pattern: A file's name; ``{:06d}`` stands for the frame's number.
        start: Number of the first frame.
        names: Names of the files, in place of ``pattern`` and ``start``.

    Raises:
        InputError: On reading a frame that is missing, truncated or of another size
            than the others.
    """

    def __init__(
        self,
        path: str | Path,
        num_frames: int,
        pattern: str = '{:06d}.bmp',
        start: int = 0,
        names: Sequence[str] | None = None,
    ) -> None:
        paths: Sequence[Path] = NumberedPaths(path, num_frames, pattern, start)
        if names is not None:
            paths = [Path(path) / name for name in names]
        super().__init__(paths, decode_rgb_image)
        self.expect_length(path, num_frames)
