"""Objects from files of scene graphs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.structures import (
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
    load_scene_graphs,
)
from mmfourdpsg.utils import InputError


@TASK_UTILS.register_module()
class FileObjects:
    """Takes the objects that anything has found, by files of the JSON format.

    ``tools/test.py --out`` writes such a file, and so may any other program. Relations
    in it are passed over, as are objects without a tube.

    Args:
        path: A file of the videos' graphs, or a folder with one file a video, see
            :func:`graph_file`.

    Raises:
        InputError: There is neither, a file is malformed, or a video is missing or of
            another size or length.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._graphs: dict[str, SceneGraph] | None = None

    def __call__(
        self, inputs: dict[str, Any], data_samples: Sequence[SceneGraphDataSample]
    ) -> list[list[SceneObject]]:
        """Return the objects of each video."""
        return [self._objects(sample) for sample in data_samples]

    def _objects(self, sample: SceneGraphDataSample) -> list[SceneObject]:
        graph = self._graph(sample.video_id)
        found = (graph.height, graph.width, graph.num_frames)
        expected = (*sample.ori_shape, sample.num_frames)
        if found != expected:
            raise InputError(
                f'{self.path}: video {sample.video_id!r} has height, width and number '
                f'of frames {found}, expected {expected} as the recording'
            )
        return [item for item in graph.objects if item.tube]

    def _graph(self, video_id: str) -> SceneGraph:
        if self.path.is_dir():
            # One at a time: the tubes of a whole data set may not fit into memory.
            graphs = {
                graph.video_id: graph
                for graph in load_scene_graphs(graph_file(self.path, video_id))
            }
        else:
            if self._graphs is None:
                self._graphs = {
                    graph.video_id: graph for graph in load_scene_graphs(self.path)
                }
            graphs = self._graphs
        if video_id not in graphs:
            raise InputError(
                f'{self.path}: has no video {video_id!r}, expected the objects of '
                'every video that is tested'
            )
        return graphs[video_id]


def graph_file(folder: Path, video_id: str) -> Path:
    """Return the file of a video in a folder of graphs: its id, with / as %2F."""
    return folder / f'{quote(video_id, safe=" ")}.json'
