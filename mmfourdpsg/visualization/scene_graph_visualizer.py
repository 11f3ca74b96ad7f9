"""The visualizer that MMEngine calls: overlay videos and viewer pages."""

import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from mmengine.visualization import Visualizer

from mmfourdpsg.registry import VISUALIZERS
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample

from .least_scores import LeastScores
from .overlay import write_overlay_video
from .viewer import write_viewer


@VISUALIZERS.register_module()
class SceneGraphVisualizer(Visualizer):
    """Writes an overlay video and a viewer page for each scene graph.

    Args:
        name: Name of this instance, by which MMEngine finds it again.
        fps: Frames a second where a data sample does not know its own.
        max_frames: Most frames that a viewer page holds.
        least_scores: ``objects`` and ``relations``, the least scores of what is shown
            of a prediction, see :class:`LeastScores`; None shows everything.
        **kwargs: Arguments of :class:`mmengine.visualization.Visualizer`.
    """

    def __init__(
        self,
        name: str = 'visualizer',
        fps: float = 8.0,
        max_frames: int = 300,
        least_scores: Mapping[str, float] | None = None,
        **kwargs,
    ) -> None:
        super().__init__(name, **kwargs)
        self.fps = fps
        self.max_frames = max_frames
        self.least_scores = LeastScores(**(least_scores or {}))

    def add_datasample(
        self,
        name: str,
        image: Sequence[np.ndarray] | None,
        data_sample: SceneGraphDataSample,
        draw_gt: bool = True,
        draw_pred: bool = True,
        show: bool = False,
        wait_time: float = 0,
        out_file: str | Path | None = None,
        step: int = 0,
    ) -> None:
        """Write the images of one video.

        Args:
            name: Name of the video's folder, used where ``out_file`` is not given.
            image: Every frame, uint8 ``[H, W, 3]`` RGB; None takes the data sample's
                ``frame_reader``.
            data_sample: Has ``pred_scene_graph``, ``gt_scene_graph`` or both.
            draw_gt: Whether to write the ground truth.
            draw_pred: Whether to write the prediction.
            show: Whether to open the last page in the browser.
            wait_time: Not used; a page stays until it is closed.
            out_file: Folder for the files; without it, a folder of MMEngine's
                visualization backend.
            step: Not used; MMEngine's interface has it.

        Raises:
            InputError: The frames do not fit the scene graph.
            ValueError: Neither ``out_file`` nor a backend says where to write.
        """
        frames = data_sample.frame_reader if image is None else image
        folder = self._folder(name, out_file)
        fps = data_sample.get('fps') or self.fps
        page = None
        for wanted, key, prefix in (
            (draw_gt, 'gt_scene_graph', 'ground_truth_'),
            (draw_pred, 'pred_scene_graph', ''),
        ):
            if wanted and key in data_sample:
                page = self.write(
                    folder, getattr(data_sample, key), frames, fps, prefix
                )
        if show and page is not None:
            webbrowser.open(page.resolve().as_uri())

    def write(
        self,
        folder: str | Path,
        graph: SceneGraph,
        frames: Sequence[np.ndarray],
        fps: float | None = None,
        prefix: str = '',
    ) -> Path:
        """Write ``overlay.mp4`` and ``viewer.html``.

        Args:
            folder: Where to write; it is made if need be.
            graph: The scene graph.
            frames: Every frame, uint8 ``[H, W, 3]`` RGB.
            fps: Frames a second; None takes the visualizer's own.
            prefix: What both file names begin with.

        Returns:
            The page's path.

        Raises:
            InputError: The frames do not fit the scene graph.
        """
        fps = fps or self.fps
        folder = Path(folder)
        page = folder / f'{prefix}viewer.html'
        least = self.least_scores
        write_overlay_video(folder / f'{prefix}overlay.mp4', graph, frames, fps, least)
        write_viewer(page, graph, frames, fps, self.max_frames, least_scores=least)
        return page

    def _folder(self, name: str, out_file: str | Path | None) -> Path:
        if out_file is not None:
            return Path(out_file)
        for backend in self._vis_backends.values():
            folder = getattr(backend, '_save_dir', None)
            if folder is not None:
                return Path(folder) / name
        raise ValueError('pass out_file, or configure a backend with a save_dir')
