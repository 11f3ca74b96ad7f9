"""Reader of a directory of depth maps."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from .depth_file import ARRAY_SUFFIXES, DEPTH_SUFFIXES, decode_depth
from .depth_units import check_depth_scale
from .file_sequence_reader import FileSequenceReader
from .frame_pairing import TIME_TOLERANCE, pair_frames
from .image_directory_reader import list_files


@TASK_UTILS.register_module()
class DepthDirectoryReader(FileSequenceReader):
    """All depth maps of a directory as frames.

    Items are float32 ``[H, W]`` in metres, 0 = unknown.

    Args:
        path: Directory of images of 16 bits or floats, or of ``.npy`` or ``.npz``
            arrays.
        num_frames: How many there should be; None accepts any number.
        scale: Stored units a metre; None takes 1000 (millimetres) for whole numbers
            and 1 for floats.
        suffixes: Endings of the files that are depth maps.
        frames: Files of the RGB frames, in whose order the depth maps then come:
            those of the same numbers, see :func:`pair_frames`. None takes natural
            order.
        time_tolerance: Seconds by which numbers that are times may differ.

    Raises:
        InputError: The directory is missing, holds no depth map or not as many as
            there should be, lacks that of a frame, or mixes images and arrays; on
            reading, a file is truncated, of another size than the others, or no depth
            map.
    """

    def __init__(
        self,
        path: str | Path,
        num_frames: int | None = None,
        scale: float | None = None,
        suffixes: Sequence[str] = DEPTH_SUFFIXES,
        frames: Sequence[Path] | None = None,
        time_tolerance: float = TIME_TOLERANCE,
    ) -> None:
        check_depth_scale(scale)
        paths = list_files(path, suffixes)
        num_arrays = sum(item.suffix.lower() in ARRAY_SUFFIXES for item in paths)
        if num_arrays not in (0, len(paths)):
            raise InputError(
                f'{path}: holds {num_arrays} arrays and {len(paths) - num_arrays} '
                'images, expected depth maps of one kind'
            )
        if frames is not None:
            paths = pair_frames(frames, paths, 'depth map', time_tolerance)
        super().__init__(paths, partial(decode_depth, scale=scale))
        self.expect_length(path, num_frames)
