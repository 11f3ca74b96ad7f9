"""Your own data: scene graphs in the JSON format, and folders of frames."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import SceneGraph, SceneObject, load_scene_graphs
from mmfourdpsg.utils import InputError

from .annotation_file import AnnotationFile
from .frame_readers import list_files
from .frame_readers.image_directory_reader import IMAGE_SUFFIXES
from .scene_graph_video_dataset import SceneGraphVideoDataset


class _Graphs(AnnotationFile):
    """A file of scene graphs; its faults have been told on loading it."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.content = load_scene_graphs(path)


@DATASETS.register_module()
class SceneGraphFileDataset(SceneGraphVideoDataset):
    """Any videos, described by a file of the JSON format.

    ``scene_graphs.json`` is what every tool here reads and writes; its objects need
    neither tubes nor boxes. The files are ``rgb/<video>/``, images of any names, of
    which the natural order is that of time; ``depth/<video>/``, as many 16-bit images
    in millimetres or ``.npy`` arrays in metres, if there is depth; ``masks/<video>/``,
    as many images of one channel whose pixels are object ids, 0 = none.

    Splits are ``<split>.txt`` beside the file, one video id a line; ``all``, and
    ``train`` where there is no list, are all videos.
    """

    ann_files = ('scene_graphs.json',)
    optional = ('depth', 'mask')
    prefixes = dict(rgb=('rgb',), depth=('depth',), mask=('masks',))
    readers = dict(
        depth_decoder=dict(type='MetricDepthDecoder'),
        mask_decoder=dict(type='PaletteMaskDecoder'),
    )

    def read_entries(self) -> Iterator[dict]:
        """Yield the entries of the split, one a video."""
        file = _Graphs(self.ann_file)
        graphs = {graph.video_id: graph for graph in file.content}
        splits = dict(train=list(graphs))
        listed = Path(self.ann_file).with_name(f'{self.split}.txt')
        if listed.is_file():
            splits[self.split] = listed.read_text().split()
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
        for video_id in self.videos_of_split(file, splits, graphs):
            yield self._entry(file, graphs[video_id])

    def _entry(self, file: _Graphs, graph: SceneGraph) -> dict:
        video_id = graph.video_id
        file.file_name(video_id, 'video_id')
        objects = [
            SceneObject(item.id, item.category, item.is_thing, boxes=item.boxes)
            for item in graph.objects
        ]
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
        for kind in ('rgb', 'depth', 'mask'):
            folder = self.directory(kind, video_id)
            entry[f'{kind}_path'] = folder
            # Pictures have to be there; what else is read, its reader will miss.
            if kind == 'rgb' or Path(folder).is_dir():
                entry[f'{kind}_names'] = self._names(folder, graph.num_frames)
        return entry

    @staticmethod
    def _names(folder: str, num_frames: int) -> list[str]:
        names = [path.name for path in list_files(folder, (*IMAGE_SUFFIXES, '.npy'))]
        if len(names) != num_frames:
            raise InputError(
                f'{folder}: holds {len(names)} frames, expected {num_frames} as the '
                'scene graph says'
            )
        return names
