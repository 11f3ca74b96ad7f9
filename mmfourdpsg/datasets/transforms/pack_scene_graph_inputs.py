"""Transform that packs model inputs and a data sample."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import SceneGraphDataSample

from .scene_graph_geometry import with_tubes


@TRANSFORMS.register_module()
class PackSceneGraphInputs(BaseTransform):
    """Packs a clip as tensors with its data sample.

    Gives ``inputs`` with ``rgb`` uint8 ``[T, 3, h, w]`` and ``depth`` float32
    ``[T, h, w]`` in metres (all 0 without a depth transform), with ``points`` float32
    ``[T, h, w, 3]`` in metres if they were loaded, and ``data_samples``, a
    :class:`SceneGraphDataSample`:

    - in training ``gt_scene_graph`` with the tubes of the sampled frames as
      augmented, and ``gt_masks`` bool ``[N, T, h, w]``, if masks were loaded;
    - in test mode ``gt_scene_graph`` with whatever tubes were loaded, at original
      size, and ``frame_reader``, every original frame;
    - where ``OpenRGBDFrames`` has opened the video ``rgbd_reader``, every frame as
      the model reads it.

    Raises:
        ValueError: In training, masks of all frames were loaded, which do not follow
            the augmentations.
    """

    def transform(self, results: dict) -> dict:
        """Pack the clip."""
        rgb = results['rgb']
        depth = results.get('depth')
        if depth is None:
            depth = np.zeros(rgb.shape[:3], dtype=np.float32)
        inputs = dict(
            rgb=torch.from_numpy(np.ascontiguousarray(rgb.transpose(0, 3, 1, 2))),
            depth=torch.from_numpy(np.ascontiguousarray(depth, dtype=np.float32)),
        )
        if 'points' in results:
            points = np.ascontiguousarray(results['points'], dtype=np.float32)
            inputs['points'] = torch.from_numpy(points)
        height, width = results['img_shape']
        sample = SceneGraphDataSample(
            metainfo=dict(
                video_id=results['video_id'],
                num_frames=results['num_frames'],
                frame_indices=list(results['frame_indices']),
                ori_shape=tuple(results['ori_shape']),
                img_shape=(height, width),
                fps=results.get('fps'),
                num_dropped_objects=results.get('num_dropped_objects', 0),
                num_dropped_relations=results.get('num_dropped_relations', 0),
            )
        )
        if 'rgbd_reader' in results:
            sample.rgbd_reader = results['rgbd_reader']
        if results.get('test_mode'):
            sample.frame_reader = results['frame_reader']
            if 'scene_graph' in results:
                sample.gt_scene_graph = results['scene_graph']
        elif 'scene_graph' in results:
            self._pack_targets(results, sample)
        return dict(inputs=inputs, data_samples=sample)

    @staticmethod
    def _pack_targets(results: dict, sample: SceneGraphDataSample) -> None:
        graph = results['scene_graph']
        if 'panoptic_ids' in results:
            ids = results['panoptic_ids']  # [T, h, w]
            frames = zip(results['frame_indices'], ids, strict=True)
            graph = with_tubes(graph, frames, results['img_shape'])
            order = np.array([item.id for item in graph.objects], dtype=ids.dtype)
            masks = ids == order[:, None, None, None]  # [N, T, h, w]
            sample.gt_masks = torch.from_numpy(masks)
        elif any(item.tube is not None for item in graph.objects):
            raise ValueError(
                "training needs LoadPanopticMasks(frames='sampled'): tubes of all "
                'frames do not follow the augmentations'
            )
        sample.gt_scene_graph = graph

    def __repr__(self) -> str:
        return 'PackSceneGraphInputs()'
