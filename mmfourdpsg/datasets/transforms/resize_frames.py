"""Transform that resizes a clip."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS

from .scene_graph_geometry import with_size


@TRANSFORMS.register_module()
class ResizeFrames(BaseTransform):
    """Resizes colours smoothly; depth, points and ids to the nearest pixel.

    Between two surfaces there is no surface, and between two ids no object: averaging
    would invent them. In test mode the ground truth stays at its original size.

    Args:
        size: Height and width in pixels.
        keep_ratio: Whether to keep the aspect, as large as fits into ``size``.

    Changes ``img_shape``.
    """

    def __init__(self, size: tuple[int, int], keep_ratio: bool = False) -> None:
        self.size = tuple(size)
        self.keep_ratio = keep_ratio

    def transform(self, results: dict) -> dict:
        """Resize the clip."""
        old = results['img_shape']
        new = self.size
        if self.keep_ratio:
            factor = min(new[0] / old[0], new[1] / old[1])
            new = tuple(max(1, round(side * factor)) for side in old)
        if new == old:
            return results
        results['rgb'] = np.stack([_smooth(frame, new) for frame in results['rgb']])
        for key in ('depth', 'points', 'panoptic_ids'):
            if key in results:
                results[key] = _nearest(results[key], new)
        results['img_shape'] = new
        if 'scene_graph' in results and not results.get('test_mode'):
            y, x = new[0] / old[0], new[1] / old[1]
            results['scene_graph'] = with_size(
                results['scene_graph'],
                new,
                lambda box: (box[0] * x, box[1] * y, box[2] * x, box[3] * y),
            )
        return results

    def __repr__(self) -> str:
        return f'ResizeFrames(size={self.size}, keep_ratio={self.keep_ratio})'


def _smooth(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    smaller = size[0] * size[1] < frame.shape[0] * frame.shape[1]
    # Area averages what a smaller image cannot show; bilinear would alias.
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(frame), size[::-1], interpolation=method)


def _nearest(array: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize ``[T, H, W, ...]``; a new pixel is the old one at its centre."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.int64)
        for new, old in zip(size, array.shape[1:3], strict=True)
    )
    return array[:, rows[:, None], columns]
