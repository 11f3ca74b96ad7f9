"""Check of one video of a data set: what is missing, damaged or inconsistent."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError

from ..frame_readers.file_decoding import MissingFileError
from ..present_ids import present_ids
from ..scene_graph_video_dataset import SceneGraphVideoDataset
from ..transforms import (
    LoadDepthFrames,
    LoadPanopticMasks,
    LoadRGBFrames,
    SampleFrames,
)
from .depth_input import DepthInput, DepthInputCounts

DEPTH_EDGES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, float('inf'))
"""Edges of the depth histogram, in metres."""


@dataclass
class VideoCheck:
    """What was found in a video.

    Attributes:
        video_id: Its name.
        num_frames: Number of its frames.
        num_relations: Number of its relations.
        categories: Category -> objects.
        predicates: Predicate -> relations.
        problems: Pairs of a kind (``files``, ``rgb``, ``missing depth``, ``depth``,
            ``masks``) and a message that names the file.
        unknown_masks: Pairs of a mask's file and its ids that the annotation lacks.
        empty_objects: Objects without a pixel in the frames that were read.
        absent_ends: Frames, of those that were read, in which a relation holds whose
            subject or object has no pixel.
        depth_counts: Pixels by :data:`DEPTH_EDGES`.
        unknown_depth: Pixels of unknown depth.
        inverse_depth: Sums of 1 / depth and of its square, over known pixels.
        depth_input: What the model's depth encoder gets, where a model is given.
    """

    video_id: str
    num_frames: int
    num_relations: int = 0
    categories: Counter = field(default_factory=Counter)
    predicates: Counter = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)
    unknown_masks: list[tuple[str, list[int]]] = field(default_factory=list)
    empty_objects: int = 0
    absent_ends: int = 0
    depth_counts: np.ndarray = field(
        default_factory=lambda: np.zeros(len(DEPTH_EDGES) - 1, np.int64)
    )
    unknown_depth: int = 0
    inverse_depth: np.ndarray = field(default_factory=lambda: np.zeros(2))
    depth_input: DepthInputCounts = field(default_factory=DepthInputCounts)


class VideoChecker:
    """Reads the frames, depth and masks of videos as the pipeline would.

    Only what the pipeline loads is read, with its own readers. Masks with ids that the
    annotation lacks are listed, and a problem where the data set is strict.

    Args:
        dataset: The data set.
        num_frames: How many frames of a video to read, evenly spread; None reads all.
        depth_input: Counts what the model's depth encoder gets; None counts nothing.
    """

    def __init__(
        self,
        dataset: SceneGraphVideoDataset,
        num_frames: int | None = None,
        depth_input: DepthInput | None = None,
    ) -> None:
        self.dataset = dataset
        self.num_frames = num_frames
        self.depth_input = depth_input
        found = {type(item): item for item in dataset.pipeline.transforms}
        self.rgb = found.get(LoadRGBFrames)
        self.depth = self.masks = None
        if LoadDepthFrames in found:
            self.depth = LoadDepthFrames(found[LoadDepthFrames].config)
        if LoadPanopticMasks in found:
            own = found[LoadPanopticMasks]
            self.masks = LoadPanopticMasks(own.config, unknown_ids='listed')
            self.strict = dataset.strict or own.unknown_ids == 'error'

    def __call__(self, index: int) -> VideoCheck:
        """Read a video.

        Args:
            index: Its place in the data set.
        """
        # All such masks are to be listed, not the first alone.
        results = dict(self.dataset.get_data_info(index), strict=False)
        check = VideoCheck(results['video_id'], results['num_frames'])
        graph: SceneGraph | None = results.get('scene_graph')
        if graph is not None:
            check.num_relations = len(graph.relations)
            check.categories.update(item.category for item in graph.objects)
            check.predicates.update(row.predicate for row in graph.relations)
        if 'fault' in results:
            check.problems.append(('files', results['fault']))
            return check
        results = SampleFrames(self.num_frames or check.num_frames)(results)
        for kind, transform in (('rgb', self.rgb), ('depth', self.depth)):
            # Depth is measured against the images.
            if transform is not None and (kind == 'rgb' or 'rgb' in results):
                results = self._load(check, kind, transform, results)
        if self.masks is not None and graph is not None:
            results = self._load(check, 'masks', self.masks, results)
            check.unknown_masks = results.get('unknown_masks', [])
            if check.unknown_masks and self.strict:
                path, ids = check.unknown_masks[0]
                message = f'{path}: has the unknown object ids {ids[:8]}'
                check.problems.append(('masks', message))
        if 'depth' in results:
            self._count_depth(check, results['depth'])
            if self.depth_input is not None:
                check.depth_input = self.depth_input(results['depth'])
        if 'panoptic_ids' in results:
            self._count_masks(check, results)
        return check

    @staticmethod
    def _load(check: VideoCheck, kind: str, transform: object, results: dict) -> dict:
        try:
            return transform(results)
        except MissingFileError as error:
            check.problems.append((f'missing {kind}', str(error)))
        except InputError as error:
            check.problems.append((kind, str(error)))
        return results

    @staticmethod
    def _count_depth(check: VideoCheck, depth: np.ndarray) -> None:
        known = depth[depth > 0]
        check.unknown_depth = int(depth.size - known.size)
        check.depth_counts = np.histogram(known, DEPTH_EDGES)[0]
        inverse = 1 / known.astype(np.float64)
        check.inverse_depth = np.array([inverse.sum(), (inverse**2).sum()])

    @staticmethod
    def _count_masks(check: VideoCheck, results: dict) -> None:
        frames, ids = results['frame_indices'], results['panoptic_ids']
        shown = [set(present_ids(mask)) for mask in ids]
        graph = results['scene_graph']
        anywhere = set().union(*shown)
        check.empty_objects = sum(item.id not in anywhere for item in graph.objects)
        for relation in graph.relations:
            ends = {relation.subject, relation.object}
            check.absent_ends += sum(
                not ends <= present
                for frame, present in zip(frames, shown, strict=True)
                if any(start <= frame <= end for start, end in relation.span)
            )
