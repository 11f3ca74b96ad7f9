"""Checks that frames fit a scene graph in number and size."""

from collections.abc import Sequence

import numpy as np

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError


def check_num_frames(frames: Sequence[np.ndarray], graph: SceneGraph) -> None:
    """Make sure that there are as many frames as the graph says.

    Raises:
        InputError: There are more or fewer.
    """
    if len(frames) != graph.num_frames:
        raise InputError(
            f'video {graph.video_id!r}: has {len(frames)} frames, its scene graph '
            f'expects {graph.num_frames}'
        )


def check_frame(frame: np.ndarray, index: int, graph: SceneGraph) -> None:
    """Make sure that a frame is of the graph's size.

    Raises:
        InputError: The frame is not uint8 ``[height, width, 3]``.
    """
    expected = (graph.height, graph.width, 3)
    if frame.shape != expected or frame.dtype != np.uint8:
        raise InputError(
            f'video {graph.video_id!r}: frame {index} is {frame.dtype} '
            f'{list(frame.shape)}, its scene graph expects uint8 {list(expected)}'
        )
