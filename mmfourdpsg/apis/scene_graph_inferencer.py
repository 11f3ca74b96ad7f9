"""From a recording to its scene graph."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, overload

from mmfourdpsg.datasets.frame_readers import TIME_TOLERANCE
from mmfourdpsg.structures import SceneGraph, SceneGraphDataSample
from mmfourdpsg.utils import InputError, check_output_folder
from mmfourdpsg.visualization import LeastScores

from .graph_stage import GraphStage
from .inference_model import InferenceModel
from .recording import Recording
from .recording_list import RecordingList
from .result_files import check_request, write_results

_LEFT_OUT = dict(
    num_dropped="segments of the model's answer could not be read",
    num_merged='objects were others under another name or number',
    num_unrelated='objects were not followed, since no relation needs them',
    num_vanished='objects had no pixels left that were not rather of others',
)


class SceneGraphInferencer(InferenceModel):
    """Finds the 4D panoptic scene graph of recordings.

    It builds the model once, see :class:`InferenceModel` for what of; each call then
    takes recordings through the config's ``inference_pipeline`` and the model.
    """

    @overload
    def __call__(
        self,
        rgb: str | Path,
        depth: str | Path | None = None,
        out_dir: str | Path | None = None,
        depth_scale: float | None = None,
        fps: float | None = None,
        seed: int = 0,
        time_tolerance: float = TIME_TOLERANCE,
        least_scores: LeastScores | None = None,
    ) -> SceneGraph: ...

    @overload
    def __call__(
        self,
        rgb: list[Any] | tuple[Any, ...],
        depth: None = None,
        out_dir: str | Path | None = None,
        depth_scale: float | None = None,
        fps: float | None = None,
        seed: int = 0,
        time_tolerance: float = TIME_TOLERANCE,
        least_scores: LeastScores | None = None,
        batch_size: int = 1,
        keep_errors: bool = False,
    ) -> list[SceneGraph | InputError]: ...

    def __call__(
        self,
        rgb: str | Path | list[Any] | tuple[Any, ...],
        depth: str | Path | None = None,
        out_dir: str | Path | None = None,
        depth_scale: float | None = None,
        fps: float | None = None,
        seed: int = 0,
        time_tolerance: float = TIME_TOLERANCE,
        least_scores: LeastScores | None = None,
        batch_size: int = 1,
        keep_errors: bool = False,
    ) -> SceneGraph | list[SceneGraph | InputError]:
        """Find the scene graph of one recording, or of each of a list.

        In a batch a recording has the graph that it has alone, up to rounding, whatever
        the sizes and lengths of the others: what is sampled follows from the seed.

        Args:
            rgb: Directory of images, or video file; or a list of recordings, each such
                a path or a dict with ``rgb``, ``depth`` and others of the arguments of
                :class:`Recording`. What a dict does not name is as this call says.
            depth: Directory of depth maps, one an RGB frame and of its size; as all
                about the recording, see :class:`Recording`. None: depth counts as
                unknown, and the model's depth branch is not used.
            out_dir: Folder for ``graph.json``, ``overlay.mp4`` and ``viewer.html``;
                each is written whole or not at all. Recordings of a list have a folder
                each below it, see :func:`folder_names`. None writes nothing.
            depth_scale: Stored units a metre; None takes 1000 (millimetres) for whole
                numbers and 1 for floats.
            fps: Frames a second; None takes the video's own, or 8.
            seed: Seed of answers that are drawn: the same one, the same graph.
            time_tolerance: Seconds by which names that are times may differ in a pair
                of RGB and depth.
            least_scores: What overlay and page show at first; None takes the config's.
                The graph holds everything.
            batch_size: How many recordings of a list the model takes at once.
            keep_errors: Whether a recording of a list that is at fault is told in one
                line and left out, and its error returned in its place; otherwise it is
                raised.

        Returns:
            The scene graph; tubes and spans are in the recording's own pixels and
            frames. For a list, one each, in its order.

        Raises:
            InputError: The recording is missing, damaged or of mixed sizes, depth
                does not fit the RGB frames, or the results cannot be written.
        """
        if not isinstance(rgb, (list, tuple)):
            check_request(out_dir, seed, least_scores)
            recording = Recording(rgb, depth, depth_scale, fps, time_tolerance)
            recording.tell()
            return self.infer(recording, out_dir, seed, least_scores)
        if depth is not None:
            raise InputError(
                f'{depth}: is given beside a list of recordings, expected depth in the '
                'recordings of the list'
            )
        check_request(None, seed, least_scores)
        check_output_folder(out_dir)
        options = dict(depth_scale=depth_scale, fps=fps, time_tolerance=time_tolerance)
        listed = RecordingList(rgb, options, out_dir, keep_errors)
        return self.infer_list(listed, seed, least_scores, batch_size)

    def infer(
        self,
        recording: Recording,
        out_dir: str | Path | None = None,
        seed: int = 0,
        least_scores: LeastScores | None = None,
    ) -> SceneGraph:
        """Find the scene graph of a recording that is open, as from its files."""
        check_request(out_dir, seed, least_scores)
        (sample,) = self.predict([recording], seed)
        self._finish(sample, recording, out_dir, least_scores)
        return sample.pred_scene_graph

    def infer_list(
        self,
        listed: RecordingList,
        seed: int = 0,
        least_scores: LeastScores | None = None,
        batch_size: int = 1,
    ) -> list[SceneGraph | InputError]:
        """Find the scene graphs of recordings that are open, as from their files."""
        batches = list(listed.batches(batch_size))
        if batches:
            self.build()
        graphs: dict[int, SceneGraph | InputError] = {}
        while batches:
            batch = batches.pop(0)
            recordings = [listed.recordings[index] for index in batch]
            try:
                samples = self.predict(recordings, seed)
            except InputError as error:
                if len(batch) == 1:
                    listed.leave_out(batch[0], error)
                else:
                    # One by one, so that the bad one does not lose the others.
                    batches[:0] = [[index] for index in batch]
                continue
            for index, recording, sample in zip(
                batch, recordings, samples, strict=True
            ):
                folder = listed.folders.get(index)
                print(f'{recording.rgb_path}: {folder or "found"}', flush=True)
                recording.tell()
                try:
                    self._finish(sample, recording, folder, least_scores)
                except InputError as error:
                    listed.leave_out(index, error)
                else:
                    graphs[index] = sample.pred_scene_graph
        found = {**graphs, **listed.errors}
        return [found[index] for index in sorted(found)]

    def stream(
        self,
        rgb: str | Path,
        depth: str | Path | None = None,
        out_dir: str | Path | None = None,
        depth_scale: float | None = None,
        fps: float | None = None,
        seed: int = 0,
        time_tolerance: float = TIME_TOLERANCE,
        least_scores: LeastScores | None = None,
    ) -> Iterator[GraphStage]:
        """Find the scene graph of a recording, and yield it as it grows.

        In chained inference objects are known first, with their mask tubes, then which
        are related, then how, then when. Nothing else is to be done with the model
        until the iterator has ended or is closed.

        Args:
            rgb: As of a call, one recording.
            depth: As of a call.
            out_dir: Likewise; results are written after the last stage.
            depth_scale: Likewise.
            fps: Likewise.
            seed: Likewise.
            time_tolerance: Likewise.
            least_scores: Likewise.

        Returns:
            What is known after each stage; the last graph is that of a call.

        Raises:
            InputError: As a call, at once for what is wrong with the recording.
        """
        check_request(out_dir, seed, least_scores)
        recording = Recording(rgb, depth, depth_scale, fps, time_tolerance)
        recording.tell()
        return self.infer_stages(recording, out_dir, seed, least_scores)

    def infer_stages(
        self,
        recording: Recording,
        out_dir: str | Path | None = None,
        seed: int = 0,
        least_scores: LeastScores | None = None,
    ) -> Iterator[GraphStage]:
        """Stream the scene graph of a recording that is open, as from its files."""
        check_request(out_dir, seed, least_scores)
        for stage, sample in self.predict_stages(recording, seed):
            yield GraphStage.of_sample(*stage, sample)
        self._finish(sample, recording, out_dir, least_scores)

    def _finish(
        self,
        sample: SceneGraphDataSample,
        recording: Recording,
        out_dir: str | Path | None,
        least_scores: LeastScores | None,
    ) -> None:
        """Tell what was left out of a graph, and write it."""
        for key, what in _LEFT_OUT.items():
            if sample.get(key):
                print(f'{sample.get(key)} {what}')
        if out_dir is not None:
            least = self.least_scores if least_scores is None else least_scores
            write_results(sample.pred_scene_graph, recording, out_dir, least)
