"""Base class of all data sets of scene graphs."""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.utils import InputError

from .annotation_file import AnnotationFile
from .file_places import first_there, missing_places
from .packed_scene_graph import PackedSceneGraph
from .scene_graph_builder import SceneGraphBuilder
from .scene_graph_filter import SceneGraphFilter


class SceneGraphVideoDataset(BaseDataset):
    """Videos with scene graphs; an image is a video of one frame.

    Building it reads the annotation only, and keeps it packed: one string of bytes a
    video, which workers share. An item is whatever the pipeline makes of a dictionary
    with these keys:

    - ``video_id``, ``num_frames``, ``fps`` (frames a second or None), ``test_mode``
    - ``scene_graph``: objects without tubes, and relations, of the whole video. Where
      the annotation does not tell the size of a frame, height and width are 1 until
      the masks are read.
    - ``rgb_path``, ``depth_path``, ``mask_path``, ``camera_path``: directories of the
      video's files. Those that a data set lacks are missing.
    - ``rgb_names``, ``depth_names``, ``mask_names``: names of the frames' files there,
      where they are not simply numbered.
    - ``rgb_reader``, ``depth_decoder``, ``mask_decoder``: configs of what reads them,
      for transforms that name none.
    - ``fault``: what is wrong with the files of a video that cannot be read.
    - ``void_ids``: ids of objects that ``filter_cfg`` took out, which masks may hold.
    - ``mask_ids``: id in the masks -> id of its object, 0 = none, where they differ.
    - ``strict``: whether a mask with an id that the annotation lacks is an error.
    - ``rng``: a NumPy generator that depends on (seed, epoch, index) alone, so that
      an item does not depend on the number of workers. It is missing as long as
      ``seed`` is None; the transforms then sample from NumPy's global state, which
      MMEngine seeds in each worker.

    What cannot be read raises, and a pipeline that returns None is an error. Repeated
    triplets become one relation (see :meth:`SceneGraph.unite_relations`); relations of
    an object with itself or with one that is not there are left out, as are boxes
    without area; spans are cut at the end of the video and boxes at the edge of the
    image (see :class:`SceneGraphBuilder`); subclasses say what else of their source
    they skip. All of that is counted in one warning. Nothing else is filtered unless
    ``filter_cfg`` asks for it.

    A subclass reads its own format, either in ``parse_annotation`` and
    ``parse_video``, or, where the annotation is no JSON object, in ``read_entries``.

    Args:
        ann_file: Annotation, relative to ``data_root``; by default the first of
            ``ann_files`` that is there.
        data_root: Folder of the data set.
        data_prefix: Directories of ``rgb``, ``depth``, ``mask`` and ``camera`` files,
            relative to ``data_root``; by default the first of ``prefixes`` that is
            there.
        pipeline: Transforms or their configs. One that has a method ``learn_graphs`` is
            told all graphs of the data set, unless ``filter_cfg`` drops them, before
            the first item is read.
        split: Name of a split of the annotation, or ``all``; of PSG4D, PVSG, PSG and
            Action Genome also several, joined by ``+``.
        fps: Frames a second, where the annotation has none.
        seed: Seed of the random transforms. ``DatasetEpochHook`` sets it, and
            ``epoch``, in training.
        filter_cfg: Options of :class:`SceneGraphFilter`, and ``exclude_videos`` (ids
            to drop); None filters nothing.
        rgb_reader: Config that replaces the data set's own.
        depth_decoder: Config that replaces the data set's own.
        mask_decoder: Config that replaces the data set's own.
        strict: Whether relations with an object, and masks with ids, that the
            annotation lacks are errors. By default such relations are left out and
            such pixels are void, with a count in a warning.
        **kwargs: As for MMEngine's ``BaseDataset``.

    Attributes:
        ann_files: Where the annotation may lie, the published place first.
        prefixes: Where the files of a kind may lie, the published place first.
        readers: Configs of the data set's own ``rgb_reader``, ``depth_decoder`` and
            ``mask_decoder``.
        options_to_check: Options with which a check builds it, so that it can tell the
            faults of all videos.
        needs_boxes: Whether nothing but its box shows an object.
        builder: Builds the graphs.
        companions: Files that have to lie beside the annotation.
        optional: Kinds of files that a data set may be without.
        published: Split -> numbers of ``videos``, ``categories`` and ``predicates``
            that are published of it.
        source: Where the data set is to be had.
        packages: Optional packages that reading it takes, module -> how to install it.

    Raises:
        InputError: The annotation is missing or malformed, or the split is unknown or
            empty.
    """

    METAINFO: dict = dict(thing_classes=[], stuff_classes=[], predicates=[])
    ann_files: tuple[str, ...] = ()
    prefixes: Mapping[str, tuple[str, ...]] = {}
    readers: Mapping[str, dict] = {}
    options_to_check: Mapping[str, Any] = {}
    needs_boxes: bool = False
    companions: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    source: str = ''
    packages: Mapping[str, str] = {}
    published: Mapping[str, Mapping[str, int]] = {}
    epoch: int = 0

    def __init__(
        self,
        ann_file: str | None = None,
        data_root: str = '',
        data_prefix: dict | None = None,
        pipeline: Sequence[dict | Callable] = (),
        split: str = 'train',
        fps: float | None = None,
        seed: int | None = None,
        rgb_reader: dict | None = None,
        depth_decoder: dict | None = None,
        mask_decoder: dict | None = None,
        strict: bool = False,
        **kwargs: Any,
    ) -> None:
        self.split = split
        self.strict = strict
        self.fps = fps
        self.seed = seed
        given = dict(
            rgb_reader=rgb_reader,
            depth_decoder=depth_decoder,
            mask_decoder=mask_decoder,
        )
        self._readers = {**self.readers, **{k: v for k, v in given.items() if v}}
        root = Path(data_root or '')
        found = {kind: first_there(root, self.prefixes[kind]) for kind in self.prefixes}
        # MMEngine would look transforms up in whatever scope is the default one.
        transforms = [
            TRANSFORMS.build(item) if isinstance(item, dict) else item
            for item in pipeline
        ]
        super().__init__(
            ann_file=first_there(root, self.ann_files)
            if ann_file is None
            else ann_file,
            data_root=str(data_root),
            data_prefix={**found, **(data_prefix or {})},
            pipeline=transforms,
            **kwargs,
        )

    @classmethod
    def missing_paths(cls, config: Mapping[str, Any]) -> list[str]:
        """Return what a data set's config needs and its data root lacks.

        The annotation with its companions, and a folder of each kind of file that the
        pipeline reads; where nothing is there, also of a kind that may be unknown.

        Args:
            config: Config of a data set of this class.

        Returns:
            list[str]: Paths relative to the data root, the published place of each.
        """
        return missing_places(
            config, cls.ann_files, cls.prefixes, cls.companions, cls.optional
        )

    def open_annotation(self) -> AnnotationFile:
        """Return the annotation, read."""
        return AnnotationFile(self.ann_file)

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
        raise NotImplementedError

    def parse_video(self, annotation: AnnotationFile, record: Any) -> dict:
        """Turn the raw record of one video into an entry of the data list.

        Args:
            annotation: The annotation file, for messages.
            record: As ``parse_annotation`` returned it.

        Returns:
            ``video_id``, ``num_frames``, ``fps``, ``scene_graph`` and paths.
        """
        raise NotImplementedError

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one a video.

        Raises:
            InputError: The annotation is malformed or has no such split.
        """
        annotation = self.open_annotation()
        metainfo, splits, records = self.parse_annotation(annotation)
        self.set_metainfo(metainfo)
        for video_id in annotation.videos_of_split(self.split, splits, records):
            yield self.parse_video(annotation, records[video_id])

    def load_data_list(self) -> list[dict]:
        """Read the annotation and return one entry a video of the split.

        Raises:
            InputError: The annotation is malformed or has no such split.
        """
        self._counts: Counter[str] = Counter()
        self.builder = SceneGraphBuilder(self._counts, self.strict, self.needs_boxes)
        entries = []
        categories, predicates = set(), set()
        for entry in self.read_entries():
            if 'scene_graph' in entry:
                graph = entry['scene_graph']
                categories.update(item.category for item in graph.objects)
                predicates.update(row.predicate for row in graph.relations)
                entry['scene_graph'] = PackedSceneGraph(graph)
            entries.append(entry)
        # Sources that list no vocabulary.
        if not self._metainfo.get('stuff_classes'):
            self.set_metainfo(dict(thing_classes=sorted(categories)))
        self.set_metainfo(dict(predicates=sorted(predicates)))
        self.warn(', '.join(f'{count} {what}' for what, count in self._counts.items()))
        return entries

    def full_init(self) -> None:
        """Read the annotation, and tell the graphs to transforms that ask for them."""
        if self._fully_initialized:
            return
        super().full_init()
        for transform in self.pipeline.transforms:
            if hasattr(transform, 'learn_graphs'):
                entries = (self.get_data_info(idx) for idx in range(len(self)))
                transform.learn_graphs(
                    entry['scene_graph'] for entry in entries if 'scene_graph' in entry
                )

    def set_metainfo(self, metainfo: Mapping[str, Iterable[str]]) -> None:
        """Take over meta information that the config does not give."""
        for key, value in metainfo.items():
            if not self._metainfo.get(key):
                self._metainfo[key] = list(value)

    def count(self, what: str, number: int = 1) -> None:
        """Count something that is not as it should be, for the one warning."""
        if number:
            self._counts[what] += number

    def warn(self, message: str) -> None:
        """Warn of something in the annotation, if there is anything to say."""
        if message:
            where = f'{self.ann_file or self.data_root}: split {self.split!r}'
            warnings.warn(f'{where}: {message}', stacklevel=2)

    def build_scene_graph(self, *args: Any, **kwargs: Any) -> SceneGraph:
        """Build a video's graph, see :meth:`SceneGraphBuilder.build`."""
        return self.builder.build(*args, **kwargs)

    def filter_data(self) -> list[dict]:
        """Return the entries that ``filter_cfg`` keeps.

        Raises:
            InputError: It keeps none.
        """
        options = dict(self.filter_cfg or {})
        excluded = set(options.pop('exclude_videos', ()))
        kept = [row for row in self.data_list if row['video_id'] not in excluded]
        if options:
            kept = list(SceneGraphFilter(**options)(kept))
        dropped = len(self.data_list) - len(kept)
        if dropped:
            self.warn(f'filter_cfg dropped {dropped} of {len(self.data_list)} videos')
        if not kept:
            raise InputError(f'{self.ann_file}: filter_cfg leaves no video')
        return kept

    def get_data_info(self, idx: int) -> dict:
        """Return the dictionary with which item ``idx`` enters the pipeline."""
        results = dict(
            super().get_data_info(idx), test_mode=self.test_mode, strict=self.strict
        )
        if 'scene_graph' in results:
            results['scene_graph'] = results['scene_graph'].unpack()
        return {**self._readers, **results}

    def prepare_data(self, idx: int) -> Any:
        """Return item ``idx`` after the pipeline."""
        results = self.get_data_info(idx)
        if 'fault' in results:
            raise InputError(results['fault'])
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

    def directory(self, kind: str, name: str = '') -> str:
        """Return a directory under the prefix of one kind of file.

        Args:
            kind: ``rgb``, ``depth``, ``mask`` or ``camera``.
            name: Path below the prefix; :meth:`AnnotationFile.file_name` checks those
                that an annotation gives.
        """
        return str(Path(self.data_prefix[kind]) / name)
