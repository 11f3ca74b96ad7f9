"""Depth decoder of HOI4D, hence of PSG4D-HOI."""

from pathlib import Path

import numpy as np

from mmfourdpsg.registry import TASK_UTILS

from ..frame_readers.depth_video_reader import DepthVideoReader
from ..frame_readers.file_decoding import decode_depth_image


@TASK_UTILS.register_module()
class HOI4DDepthDecoder:
    """Reads ``depth_video.avi``, or the images that it was decoded to.

    The video is FFV1 of 16-bit grey, in millimetres; 0 = unknown. Where both are
    there, the images are read, which is quicker.

    Args:
        video: Name of the video file.
        pattern: Name of an image; ``{:05d}`` stands for the frame's number.
        scale: Stored units a metre.
    """

    def __init__(
        self,
        video: str = 'depth_video.avi',
        pattern: str = '{:05d}.png',
        scale: float = 1000.0,
    ) -> None:
        self.video = video
        self.pattern = pattern
        self.scale = scale
        self._reader: DepthVideoReader | None = None

    def __call__(self, results: dict, frame: int) -> np.ndarray:
        """Read one frame.

        Args:
            results: Has ``depth_path``, the video's directory of depth.
            frame: Index of the frame.

        Returns:
            float32 ``[H, W]`` in metres, 0 = unknown.

        Raises:
            MissingFileError: There is neither the image nor the video.
            InputError: The file is truncated or no depth map.
        """
        image = Path(results['depth_path']) / self.pattern.format(frame)
        video = Path(results['depth_path']) / self.video
        if image.exists() or not video.exists():
            return decode_depth_image(image, self.scale)
        if self._reader is None or self._reader.path != video:
            self._reader = DepthVideoReader(
                video, results.get('num_frames'), scale=self.scale
            )
        return self._reader[frame]
