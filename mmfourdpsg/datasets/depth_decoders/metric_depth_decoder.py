"""Depth that is stored in metres or a fixed fraction of them."""

import numpy as np

from mmfourdpsg.registry import TASK_UTILS

from ..frame_readers.depth_directory_reader import decode_metres
from ..frame_readers.file_decoding import decode_depth_image
from ..frame_readers.frame_file import frame_file


@TASK_UTILS.register_module()
class MetricDepthDecoder:
    """Reads ``<depth_path>/<number>`` as metric depth.

    Args:
        pattern: A file's name; ``{:06d}`` stands for the frame's number. Files ending
            in ``.npy`` hold metres, others are 16-bit images. It is not used where
            the pipeline's dictionary has ``depth_names``.
        scale: Stored units a metre in images; 1000 for millimetres.
        start: Number of the first frame.
    """

    def __init__(
        self, pattern: str = '{:06d}.png', scale: float = 1000.0, start: int = 0
    ) -> None:
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
        if path.suffix == '.npy':
            return decode_metres(path)
        return decode_depth_image(path, self.scale)
