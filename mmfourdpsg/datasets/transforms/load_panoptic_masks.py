"""Transform that reads the panoptic masks of the sampled frames."""

import warnings
from collections.abc import Iterator

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError

from ..present_ids import numbered_ids, present_ids
from .decoders import Decoders
from .scene_graph_geometry import UNKNOWN_SIZE, with_size, with_tubes

UNKNOWN_IDS = ('void', 'listed', 'error')


@TRANSFORMS.register_module()
class LoadPanopticMasks(BaseTransform):
    """Reads the masks of the sampled frames for training, or all as ground truth.

    Args:
        decoder: Config of the source's rule: a callable (results, frame) -> int32
            ``[H, W]`` of ids, 0 = no object, with ``path(results, frame)``; None takes
            the data set's own. The ids are those of the objects, or where the
            dictionary has ``mask_ids``, what that maps to them.
        frames: ``sampled`` adds ``panoptic_ids`` int32 ``[T, H, W]``, from which
            ``PackSceneGraphInputs`` makes tubes after the augmentations; ``all`` fills
            the tubes of ``scene_graph``, every frame at original size.
        unknown_ids: What to do with an id that the annotation does not list. ``void``
            takes its pixels as no object and tells so once; ``listed`` does the same
            and tells nothing, which is for those who read ``unknown_masks``; with
            ``error``, or where the data set is strict, it raises. Ids in ``void_ids``
            are taken as no object either way.

    Adds ``unknown_masks``, a list of pairs of a mask's file and its unknown ids.

    Raises:
        InputError: A mask is missing, truncated, of another size than the RGB frames
            or the other masks, or has an id that the annotation does not list; or an
            object has the id 0 or less.
    """

    def __init__(
        self,
        decoder: dict | None = None,
        frames: str = 'sampled',
        unknown_ids: str = 'void',
    ) -> None:
        if frames not in ('sampled', 'all'):
            raise ValueError(f"frames is {frames!r}, expected 'sampled' or 'all'")
        if unknown_ids not in UNKNOWN_IDS:
            raise ValueError(
                f'unknown_ids is {unknown_ids!r}, expected one of {list(UNKNOWN_IDS)}'
            )
        self.config = decoder
        self.decoders = Decoders(decoder, 'mask_decoder')
        self.frames = frames
        self.unknown_ids = unknown_ids
        self._told = False

    def transform(self, results: dict) -> dict:
        """Read the masks."""
        graph = results['scene_graph']
        size = results.get('ori_shape', (graph.height, graph.width))
        if results.get('img_shape', size) != size:
            raise ValueError('LoadPanopticMasks belongs before transforms of the size')
        results['unknown_masks'] = []
        if self.frames == 'sampled':
            masks = self._read(results, graph, size, results['frame_indices'])
            ids = np.stack([mask for _, mask in masks])  # [T, H, W]
            results['panoptic_ids'] = ids
            results['scene_graph'] = with_size(graph, ids.shape[1:])
        else:
            if size == UNKNOWN_SIZE:
                size = self.decoders(results)(results, 0).shape
            masks = self._read(results, graph, size, range(results['num_frames']))
            results['scene_graph'] = with_tubes(graph, masks, size)
            results['ori_shape'] = size
        if results['unknown_masks'] and self.unknown_ids == 'void':
            self._tell(graph.video_id, results['unknown_masks'])
        return results

    def _read(
        self, results: dict, graph: SceneGraph, size: tuple[int, int], frames: range
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Yield frames and their object ids ``[H, W]``."""
        decoder = self.decoders(results)
        known = _known_ids(results, graph)
        dtype = np.int32 if max(known.values()) < 1 << 31 else np.int64
        strict = self.unknown_ids == 'error' or results.get('strict', False)
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
            present = present_ids(ids)
            unknown = [key for key in present if key not in known]
            if unknown and strict:
                raise InputError(
                    f'{path}: has the unknown object ids {unknown[:8]}, expected ids '
                    f'of video {graph.video_id!r}: {sorted(known)[1:30]}'
                )
            if unknown:
                results['unknown_masks'].append((str(path), unknown))
            if any(known.get(key) != key for key in present):
                names, places = numbered_ids(ids)
                numbers = np.array([known.get(key, 0) for key in names], dtype)
                ids = numbers[places].reshape(ids.shape)
            yield frame, ids.astype(dtype, copy=False)

    def _tell(self, video_id: str, masks: list[tuple[str, list[int]]]) -> None:
        if self._told:
            return
        self._told = True
        path, unknown = masks[0]
        warnings.warn(
            f'{path}: has the unknown object ids {unknown[:8]}; took their pixels, in '
            f'{len(masks)} masks of video {video_id!r} and in any to come, as void '
            '(tools/analysis_tools/check_dataset.py lists such masks)',
            stacklevel=3,
        )

    def __repr__(self) -> str:
        return (
            f'LoadPanopticMasks(decoder={self.config}, frames={self.frames!r}, '
            f'unknown_ids={self.unknown_ids!r})'
        )


def _known_ids(results: dict, graph: SceneGraph) -> dict[int, int]:
    """Return id in a mask -> id of its object, 0 where it is void.

    Raises:
        InputError: An object has the id 0 or less, which no pixel can have.
    """
    objects = {item.id for item in graph.objects}
    if min(objects, default=1) <= 0:
        raise InputError(
            f'video {graph.video_id!r}: has an object with the id {min(objects)}, '
            'expected ids above 0, since 0 is no object in the masks'
        )
    stored = results.get('mask_ids')
    if stored is None:
        stored = {key: key for key in (*objects, *results.get('void_ids', ()))}
    known = {key: item if item in objects else 0 for key, item in stored.items()}
    return {**known, 0: 0}
