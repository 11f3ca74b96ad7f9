"""Transform that reads the sampled RGB frames."""

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TASK_UTILS, TRANSFORMS
from mmfourdpsg.utils import InputError

from .scene_graph_geometry import UNKNOWN_SIZE, with_size


@TRANSFORMS.register_module()
class LoadRGBFrames(BaseTransform):
    """Reads the sampled frames, and no others.

    Args:
        reader: Config of a frame reader, which gets ``path=rgb_path`` and
            ``num_frames``, and ``names=rgb_names`` where there are any; None takes the
            data set's own. It is not used where the pipeline's dictionary already has
            a ``frame_reader``.

    Adds ``rgb`` uint8 ``[T, H, W, 3]``, ``ori_shape`` and ``img_shape`` ``(H, W)``,
    and ``frame_reader``, the lazy sequence of all frames.

    Raises:
        InputError: A frame is missing, truncated or of another size than the others
            or than the annotation says.
    """

    def __init__(self, reader: dict | None = None) -> None:
        self.reader = reader

    def transform(self, results: dict) -> dict:
        """Read the frames."""
        if results.get('frame_reader') is None:
            own = results.get('rgb_reader', dict(type='NumberedImageReader'))
            config = dict(
                self.reader or own,
                path=results['rgb_path'],
                num_frames=results['num_frames'],
            )
            if 'rgb_names' in results:
                config['names'] = results['rgb_names']
            results['frame_reader'] = TASK_UTILS.build(config)
        reader = results['frame_reader']
        rgb = np.stack([reader[i] for i in results['frame_indices']])  # [T, H, W, 3]
        size = rgb.shape[1:3]
        graph = results.get('scene_graph')
        if graph is not None:
            if (graph.height, graph.width) not in (UNKNOWN_SIZE, size):
                raise InputError(
                    f'{results["rgb_path"]}: frames have {size[0]} x {size[1]} pixels '
                    f'(height x width), expected {graph.height} x {graph.width} as the '
                    'annotation says'
                )
            if (graph.height, graph.width) != size:
                results['scene_graph'] = with_size(graph, size)
        results.update(rgb=rgb, ori_shape=size, img_shape=size)
        return results

    def __repr__(self) -> str:
        return f'LoadRGBFrames(reader={self.reader})'
