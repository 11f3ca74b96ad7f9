"""Depth decoder of depth in metres or a fixed fraction of them."""

import numpy as np

from mmfourdpsg.registry import TASK_UTILS

from ..frame_readers.depth_file import decode_depth
from ..frame_readers.depth_units import check_depth_scale
from ..frame_readers.frame_file import frame_file


@TASK_UTILS.register_module()
class MetricDepthDecoder:
    """Reads ``<depth_path>/<number>`` as metric depth.

    Args:
        pattern: A file's name; ``{:06d}`` stands for the frame's number. Files are
            images, or ``.npy`` or ``.npz`` arrays. It is not used where the
            pipeline's dictionary has ``depth_names``.
        scale: Stored units a metre, for any kind of file; None takes 1000
            (millimetres) for whole numbers and 1 for floats.
        start: Number of the first frame.

    Raises:
        InputError: The scale is no positive number.
    """

    def __init__(
        self,
        pattern: str = '{:06d}.png',
        scale: float | None = None,
        start: int = 0,
    ) -> None:
        check_depth_scale(scale)
        self.pattern = pattern
        self.scale = scale
        self.start = start

    def __call__(self, results: dict, frame: int) -> np.ndarray:
        """Read one frame.

        Args:
            results: Has ``depth_path``, the video's depth directory.
            frame: Index of the frame.

        Returns:
            float32 ``[H, W]`` in metres, 0 = unknown.

        Raises:
            MissingFileError: The frame has no depth file.
            InputError: The file is truncated or no depth map.
        """
        path = frame_file(results, 'depth', frame, self.pattern, self.start)
        return decode_depth(path, self.scale)
