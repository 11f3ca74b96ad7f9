"""Reads panoptic masks."""

import warnings
from collections.abc import Iterator

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError

from ..present_ids import present_ids
from .decoders import Decoders
from .scene_graph_geometry import UNKNOWN_SIZE, with_size, with_tubes


@TRANSFORMS.register_module()
class LoadPanopticMasks(BaseTransform):
    """Reads the masks of the sampled frames for training, or all as ground truth.

    Args:
        decoder: Config of the source's rule: a callable (results, frame) -> int32
            ``[H, W]`` of object ids, 0 = none, with ``path(results, frame)``; None
            takes the data set's own.
        frames: ``sampled`` adds ``panoptic_ids`` int32 ``[T, H, W]``, from which
            ``PackSceneGraphInputs`` makes tubes after the augmentations; ``all`` fills
            the tubes of ``scene_graph``, every frame at original size.
        unknown_ids: What to do with an id that the annotation does not list:
            ``error``, or ``void`` to take its pixels as no object and tell so in one
            warning a video. Ids in ``void_ids`` are taken as no object either way.

    Raises:
        InputError: A mask is missing, truncated, of another size than the RGB frames
            or the other masks, or has an id that the annotation does not list.
    """

    def __init__(
        self,
        decoder: dict | None = None,
        frames: str = 'sampled',
        unknown_ids: str = 'error',
    ) -> None:
        if frames not in ('sampled', 'all'):
            raise ValueError(f"frames is {frames!r}, expected 'sampled' or 'all'")
        if unknown_ids not in ('error', 'void'):
            raise ValueError(
                f"unknown_ids is {unknown_ids!r}, expected 'error' or 'void'"
            )
        self.config = decoder
        self.decoders = Decoders(decoder, 'mask_decoder')
        self.frames = frames
        self.unknown_ids = unknown_ids
        self._warned: set[str] = set()

    def transform(self, results: dict) -> dict:
        """Read the masks."""
        graph = results['scene_graph']
        size = results.get('ori_shape', (graph.height, graph.width))
        if results.get('img_shape', size) != size:
            raise ValueError('LoadPanopticMasks belongs before transforms of the size')
        if self.frames == 'sampled':
            masks = self._read(results, graph, size, results['frame_indices'])
            ids = np.stack([mask for _, mask in masks])  # [T, H, W]
            results['panoptic_ids'] = ids
            results['scene_graph'] = with_size(graph, ids.shape[1:])
            return results
        if size == UNKNOWN_SIZE:
            size = self.decoders(results)(results, 0).shape
        masks = self._read(results, graph, size, range(results['num_frames']))
        results['scene_graph'] = with_tubes(graph, masks, size)
        results['ori_shape'] = size
        return results

    def _read(
        self, results: dict, graph: SceneGraph, size: tuple[int, int], frames: range
    ) -> Iterator[tuple[int, np.ndarray]]:
        decoder = self.decoders(results)
        known = [0, *(item.id for item in graph.objects)]
        void = set(results.get('void_ids', ()))
        for frame in frames:
            ids = decoder(results, frame)
            path = decoder.path(results, frame)
            if size == UNKNOWN_SIZE:
                size = ids.shape
            if ids.shape != size:
                raise InputError(
                    f'{path}: mask has {ids.shape[0]} x {ids.shape[1]} pixels '
                    f'(height x width), expected {size[0]} x {size[1]} as the other '
                    'frames'
                )
            unlisted = set(present_ids(ids)) - set(known)
            unknown = sorted(unlisted - void)
            if unknown:
                message = (
                    f'{path}: has the unknown object ids {unknown[:8]}, expected ids '
                    f'of video {graph.video_id!r}: {known[1:]}'
                )
                if self.unknown_ids == 'error':
                    raise InputError(message)
                if graph.video_id not in self._warned:
                    self._warned.add(graph.video_id)
                    warnings.warn(f'{message}; took them as void', stacklevel=2)
            if unlisted:
                ids = np.where(np.isin(ids, sorted(unlisted)), 0, ids)
            yield frame, ids

    def __repr__(self) -> str:
        return (
            f'LoadPanopticMasks(decoder={self.config}, frames={self.frames!r}, '
            f'unknown_ids={self.unknown_ids!r})'
        )
