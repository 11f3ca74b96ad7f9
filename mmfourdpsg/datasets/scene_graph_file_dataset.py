"""Data set of one's own: scene graphs in the JSON format, folders of frames."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import SceneGraph, load_scene_graphs
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.text_files import read_entries

from .annotation_file import AnnotationFile
from .frame_readers import TIME_TOLERANCE, list_files, pair_frames
from .frame_readers.depth_file import ARRAY_SUFFIXES, DEPTH_SUFFIXES
from .frame_readers.image_directory_reader import IMAGE_SUFFIXES
from .scene_graph_builder import DANGLING
from .scene_graph_video_dataset import SceneGraphVideoDataset

# Kind of file -> endings, and what one is called.
_KINDS = dict(
    rgb=(IMAGE_SUFFIXES, 'frame'),
    depth=(DEPTH_SUFFIXES, 'depth map'),
    mask=((*IMAGE_SUFFIXES, *ARRAY_SUFFIXES), 'mask'),
)


class _Graphs(AnnotationFile):
    """A file of scene graphs; its faults have been told on loading it."""

    def __init__(self, path: str | Path, strict: bool) -> None:
        self.path = Path(path)
        self.left_out: Counter[str] = Counter()
        self.content = load_scene_graphs(path, None if strict else self.left_out)


@DATASETS.register_module()
class SceneGraphFileDataset(SceneGraphVideoDataset):
    """Any videos, described by a file of the JSON format.

    ``scene_graphs.json`` is what every tool here reads and writes; its objects need
    neither tubes nor boxes. The files are ``rgb/<video>/``, images of any names, of
    which the natural order is that of time; ``depth/<video>/``, 16-bit images in
    millimetres or ``.npy`` or ``.npz`` arrays of floats in metres, if there is depth;
    ``masks/<video>/``, images of one channel whose pixels are object ids, 0 = none.
    Depth and masks pair with images by the numbers in their names, see
    :func:`pair_frames`.

    Splits are ``<split>.txt`` beside the file, one video id a line; ``all``, and
    ``train`` where there is no list, are all videos.

    Args:
        faults: What to do with videos whose files do not fit each other: ``error`` on
            building, or ``keep``, for a check that tells all of them; then such a
            video raises when it is asked for.
        time_tolerance: Seconds by which names that are times may differ in a pair.
        **kwargs: As for :class:`SceneGraphVideoDataset`.

    Raises:
        InputError: As for :class:`SceneGraphVideoDataset`, or a video has not as many
            images as its scene graph says, or a depth map or mask of it has no image
            or the reverse.
    """

    ann_files = ('scene_graphs.json',)
    optional = ('depth', 'mask')
    prefixes = dict(rgb=('rgb',), depth=('depth',), mask=('masks',))
    readers = dict(
        depth_decoder=dict(type='MetricDepthDecoder'),
        mask_decoder=dict(type='PaletteMaskDecoder'),
    )

    options_to_check = dict(faults='keep')

    def __init__(
        self,
        *args: Any,
        faults: str = 'error',
        time_tolerance: float = TIME_TOLERANCE,
        **kwargs: Any,
    ) -> None:
        if faults not in ('error', 'keep'):
            raise ValueError(f"faults is {faults!r}, expected 'error' or 'keep'")
        self.faults = faults
        self.time_tolerance = time_tolerance
        super().__init__(*args, **kwargs)

    def filter_data(self) -> list[dict]:
        """Return the entries that ``filter_cfg`` keeps.

        Raises:
            InputError: It keeps none, or one whose files do not fit each other.
        """
        entries = super().filter_data()
        faults = [entry['fault'] for entry in entries if 'fault' in entry]
        if faults and self.faults == 'error':
            more = f' (so do {len(faults) - 1} more videos)' * (len(faults) > 1)
            raise InputError(faults[0] + more)
        return entries

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one a video."""
        file = _Graphs(self.ann_file, self.strict)
        graphs = {graph.video_id: graph for graph in file.content}
        splits = dict(train=list(graphs))
        listed = Path(self.ann_file).with_name(f'{self.split}.txt')
        if listed.is_file():
            splits[self.split] = read_entries(listed, 'video ids', graphs)
        # Of all splits, so that every split has the same vocabulary.
        objects = [item for graph in graphs.values() for item in graph.objects]
        relations = [row for graph in graphs.values() for row in graph.relations]
        self.set_metainfo(
            dict(
                thing_classes=sorted({o.category for o in objects if o.is_thing}),
                stuff_classes=sorted({o.category for o in objects if not o.is_thing}),
                predicates=sorted({row.predicate for row in relations}),
            )
        )
        for video_id in file.videos_of_split(self.split, splits, graphs):
            yield self._entry(file, graphs[video_id])

    def _entry(self, file: _Graphs, graph: SceneGraph) -> dict:
        video_id = graph.video_id
        file.file_name(video_id, 'video_id')
        self.count(DANGLING, file.left_out[video_id])
        ids = [item.id for item in graph.objects]
        if min(ids, default=1) <= 0 and Path(self.directory('mask', video_id)).is_dir():
            file.fail(
                f'video {video_id!r}',
                f'has an object with the id {min(ids)}, expected ids above 0, since 0 '
                'is no object in the masks',
            )
        objects = [replace(item, score=None, tube=None) for item in graph.objects]
        entry: dict[str, Any] = dict(
            video_id=video_id,
            num_frames=graph.num_frames,
            fps=self.fps,
            scene_graph=self.build_scene_graph(
                file,
                video_id,
                video_id,
                graph.num_frames,
                objects,
                graph.relations,
                (graph.height, graph.width),
            ),
        )
        for kind in _KINDS:
            entry[f'{kind}_path'] = self.directory(kind, video_id)
        try:
            entry.update(self._names(entry))
        except InputError as error:
            entry['fault'] = str(error)
        return entry

    def _names(self, entry: dict) -> dict[str, list[str]]:
        """Return the names of the files of each kind, in the order of the frames.

        Raises:
            InputError: They do not fit each other.
        """
        found, faults = {}, []
        frames = list_files(entry['rgb_path'], IMAGE_SUFFIXES)
        if len(frames) != entry['num_frames']:
            faults.append(
                f'{entry["rgb_path"]}: holds {len(frames)} frames, expected '
                f'{entry["num_frames"]} as the scene graph says'
            )
        for kind, (suffixes, name) in _KINDS.items():
            # Images have to be there; what else is read, its reader will miss.
            if kind != 'rgb' and not Path(entry[f'{kind}_path']).is_dir():
                continue
            try:
                files = list_files(entry[f'{kind}_path'], suffixes)
                files = pair_frames(frames, files, name, self.time_tolerance)
            except InputError as error:
                faults.append(str(error))
            else:
                found[f'{kind}_names'] = [path.name for path in files]
        if faults:
            raise InputError('; '.join(faults))
        return found
