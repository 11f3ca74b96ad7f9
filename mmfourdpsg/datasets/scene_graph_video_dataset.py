"""Base class of all data sets of scene graphs."""

import warnings
from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject, clip_span
from mmfourdpsg.utils import InputError

from .annotation_file import AnnotationFile


class SceneGraphVideoDataset(BaseDataset):
    """Videos with scene graphs; a still image is a video of one frame.

    Building it reads the annotation only. An item is whatever the pipeline makes of a
    dictionary with these keys:

    - ``video_id``, ``num_frames``, ``fps`` (frames a second or None), ``test_mode``
    - ``scene_graph``: objects without tubes, and relations, of the whole video. Where
      the annotation does not tell the size of a frame, height and width are 1 until
      the masks are read.
    - ``rgb_path``, ``depth_path``, ``mask_path``, ``camera_path``: whatever the
      pipeline's readers need to find the video's files. Those that a data set lacks
      are missing.
    - ``rng``: a NumPy generator that depends on (seed, epoch, index) alone, so that
      an item does not depend on the number of workers. It is missing as long as
      ``seed`` is None; the transforms then draw from NumPy's global state, which
      MMEngine seeds in each worker.

    Nothing is skipped: what cannot be read raises, and a pipeline that returns None
    is an error. Repeated triplets are merged and relations of an object with itself
    dropped (see :class:`SceneGraph`); spans are cut at the end of the video, with one
    warning that counts. Nothing else is filtered unless ``filter_cfg`` asks for it.

    A subclass reads its own format in ``parse_annotation``.

    Args:
        *args: As for MMEngine's ``BaseDataset``.
        pipeline: Transforms or their configs.
        split: Name of a split of the annotation, or ``all``.
        fps: Frames a second, where the annotation has none.
        seed: Seed of the random transforms. ``DatasetEpochHook`` sets it, and
            ``epoch``, in training.
        filter_cfg: None, or any of ``min_relations`` (drop videos with fewer),
            ``exclude_videos`` (ids to drop); what it drops is counted in a warning.
        **kwargs: As for MMEngine's ``BaseDataset``.

    Raises:
        InputError: The annotation is missing or malformed, or the split is unknown or
            empty.
    """

    METAINFO: dict = dict(thing_classes=[], stuff_classes=[], predicates=[])
    epoch: int = 0

    def __init__(
        self,
        *args: Any,
        pipeline: Sequence[dict | Callable] = (),
        split: str = 'train',
        fps: float | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        self.split = split
        self.fps = fps
        self.seed = seed
        # MMEngine would look transforms up in whatever scope is the default one.
        transforms = [
            TRANSFORMS.build(item) if isinstance(item, dict) else item
            for item in pipeline
        ]
        super().__init__(*args, pipeline=transforms, **kwargs)

    @abstractmethod
    def parse_annotation(
        self, annotation: AnnotationFile
    ) -> tuple[dict, dict[str, list[str]], dict[str, Any]]:
        """Read what concerns all videos.

        Args:
            annotation: The annotation file.

        Returns:
            Meta information (``thing_classes``, ``stuff_classes``, ``predicates``),
            split -> video ids, and video id -> its raw record with its place.
        """

    @abstractmethod
    def parse_video(self, annotation: AnnotationFile, record: Any) -> dict:
        """Turn the raw record of one video into an entry of the data list.

        Args:
            annotation: The annotation file, for messages.
            record: As ``parse_annotation`` returned it.

        Returns:
            ``video_id``, ``num_frames``, ``fps``, ``scene_graph`` and paths.
        """

    def load_data_list(self) -> list[dict]:
        """Read the annotation and return one entry a video of the split.

        Raises:
            InputError: The annotation is malformed or has no such split.
        """
        annotation = AnnotationFile(self.ann_file)
        metainfo, splits, records = self.parse_annotation(annotation)
        for key, value in metainfo.items():
            if not self._metainfo.get(key):
                self._metainfo[key] = value
        video_ids = list(records) if self.split == 'all' else splits.get(self.split)
        if not video_ids:
            found = {name: len(ids) for name, ids in splits.items()}
            annotation.fail(
                f'split {self.split!r}',
                f'has no videos, expected "all" or a split of {found}',
            )
        if len(set(video_ids)) < len(video_ids):
            twice = next(v for v in video_ids if video_ids.count(v) > 1)
            annotation.fail(f'split {self.split!r}', f'names video {twice!r} twice')
        for video_id in video_ids:
            if video_id not in records:
                annotation.fail(
                    f'split {self.split!r}',
                    f'names the video {video_id!r}, of which there is no record',
                )
        self._num_cut = 0
        data_list = [self.parse_video(annotation, records[v]) for v in video_ids]
        if self._num_cut:
            warnings.warn(
                f'{self.ann_file}: split {self.split!r}: cut {self._num_cut} spans at '
                'the end of their video',
                stacklevel=2,
            )
        return data_list

    def build_scene_graph(
        self,
        annotation: AnnotationFile,
        where: str,
        video_id: str,
        num_frames: int,
        objects: list[SceneObject],
        relations: list[Relation],
        size: tuple[int, int] = (1, 1),
    ) -> SceneGraph:
        """Build a video's graph with spans cut at its end.

        Args:
            annotation: The annotation file, for messages.
            where: The record's place in it.
            video_id: Name of the video.
            num_frames: Number of frames.
            objects: Objects without tubes.
            relations: Relations with spans as annotated.
            size: Height and width in pixels; (1, 1) where they are not known yet.

        Returns:
            The graph. A relation wholly beyond the end is left out (and counted).

        Raises:
            InputError: The graph is not valid; the message names file and record.
        """
        kept = []
        for relation in relations:
            if not relation.span or relation.span[-1][1] < num_frames:
                kept.append(relation)
                continue
            self._num_cut += 1
            relation.span = clip_span(relation.span, num_frames)
            if relation.span:
                kept.append(relation)
        try:
            return SceneGraph(video_id, *size, num_frames, objects, kept)
        except InputError as error:
            annotation.fail(where, str(error))

    def filter_data(self) -> list[dict]:
        """Return the entries that ``filter_cfg`` keeps.

        Raises:
            InputError: It keeps none.
        """
        options = dict(self.filter_cfg or {})
        min_relations = options.pop('min_relations', 0)
        excluded = set(options.pop('exclude_videos', ()))
        if options:
            raise ValueError(f'filter_cfg has the unknown options {sorted(options)}')
        kept = [
            row
            for row in self.data_list
            if row['video_id'] not in excluded
            and len(row['scene_graph'].relations) >= min_relations
        ]
        dropped = len(self.data_list) - len(kept)
        if dropped:
            warnings.warn(
                f'{self.ann_file}: filter_cfg dropped {dropped} of '
                f'{len(self.data_list)} videos',
                stacklevel=2,
            )
        if not kept:
            raise InputError(f'{self.ann_file}: filter_cfg leaves no video')
        return kept

    def prepare_data(self, idx: int) -> Any:
        """Return item ``idx`` after the pipeline."""
        results = self.get_data_info(idx)
        results['test_mode'] = self.test_mode
        if self.seed is not None:
            key = (self.seed, self.epoch, results['sample_idx'])
            results['rng'] = np.random.default_rng(key)
        return self.pipeline(results)

    def __getitem__(self, idx: int) -> Any:
        """Return item ``idx``; unlike MMEngine's, never another one instead.

        Raises:
            InputError: A file of the video is missing or bad.
            RuntimeError: A transform returned None.
        """
        self.full_init()
        item = self.prepare_data(idx)
        if item is None:
            video_id = self.get_data_info(idx)['video_id']
            raise RuntimeError(f'video {video_id!r}: the pipeline returned None')
        return item

    def video_path(self, prefix: str, video_id: str) -> str:
        """Return a video's directory under the prefix of one kind of file."""
        return str(Path(self.data_prefix[prefix]) / video_id)
