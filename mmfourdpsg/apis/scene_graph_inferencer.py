"""From a recording to its scene graph."""

import copy
from pathlib import Path

import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope

from mmfourdpsg.datasets.frame_readers import TIME_TOLERANCE
from mmfourdpsg.engine.launch import find_config_paths, read_config
from mmfourdpsg.engine.needs import Need, check_needs
from mmfourdpsg.engine.runner import (
    check_state_dict,
    take_held_parts_for_initialised,
)
from mmfourdpsg.engine.told_settings import told_settings
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraph, save_scene_graphs
from mmfourdpsg.utils import InputError, check_output_folder
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file
from mmfourdpsg.utils.config_paths import find_path, search_folders
from mmfourdpsg.utils.run_folder import last_checkpoint
from mmfourdpsg.utils.weight_files import check_weight_files
from mmfourdpsg.visualization import LeastScores, write_overlay_video, write_viewer

from .recording import Recording

RESULTS = ('graph.json', 'overlay.mp4', 'viewer.html')
"""Names of the files that a recording's scene graph is written to."""
_LEFT_OUT = dict(
    num_dropped="segments of the model's answer could not be read",
    num_merged='objects were others under another name or number',
    num_vanished='objects had no pixels left that were not rather of others',
)


class SceneGraphInferencer:
    """Finds the 4D panoptic scene graph of recordings.

    It builds the model once; each call then takes a recording through the config's
    ``inference_pipeline`` and the model.

    Args:
        config: A config or its file; it has ``model`` and ``inference_pipeline``.
        checkpoint: The model's weights. None takes the last checkpoint in the
            config's ``work_dir``, else the config's ``published_checkpoint``.
        device: Where the model runs; None takes the GPU where there is one.
        untrained: Whether to keep the initial weights and load no checkpoint.
        build: Whether to build the model at once, which can take minutes, or when a
            recording has been opened and found good.

    Raises:
        InputError: The config is unfit, there is no checkpoint or device, or as for
            :meth:`build`.

    Attributes:
        checkpoint: The checkpoint's file; None where the model is untrained.
        model: The model; None until it is built.
        least_scores: What overlay and page show at first, from the config's
            ``visualizer``.
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path | None = None,
        device: str | torch.device | None = None,
        untrained: bool = False,
        build: bool = True,
    ) -> None:
        name = str(getattr(config, 'filename', None) or config)
        if not isinstance(config, Config):
            config = read_config(config)
        else:
            config = find_config_paths(copy.deepcopy(config))
        for key in ('model', 'inference_pipeline'):
            if key not in config:
                raise InputError(f'{name}: has no {key}, expected a config with one')
        if untrained and checkpoint is not None:
            raise InputError(
                f'{checkpoint}: is given while the model shall stay untrained, '
                'expected one of the two'
            )
        self.config = config
        visualizer = config.get('visualizer') or {}
        self.least_scores = LeastScores(**(visualizer.get('least_scores') or {}))
        self.checkpoint: Path | None = None
        lacking: list[Need] = []
        if not untrained:
            found = checkpoint or default_checkpoint(config, name)
            if isinstance(found, Need):
                lacking.append(found)
            else:
                self.checkpoint = Path(found)
        command = 'python tools/infer.py --config {config}'
        loaded = None if self.checkpoint is None else str(self.checkpoint)
        check_needs(config, (), loaded, command, lacking)
        self.device = find_device(device)
        self.model: BaseModel | None = None
        if build:
            self.build()

    def build(self) -> BaseModel:
        """Return the model; build it and load its weights, if that is not done yet.

        Raises:
            InputError: The checkpoint is damaged or that of another model, or was
                trained beside other weights.
        """
        if self.model is not None:
            return self.model
        # Read first: building a large model takes minutes.
        content = load_checkpoint_file(self.checkpoint) if self.checkpoint else None
        init_default_scope(self.config.get('default_scope', 'mmdet'))
        with told_settings(self.config):
            self.pipeline = Compose(self.config.inference_pipeline)
            model = MODELS.build(self.config.model)
        if content is not None:
            take_held_parts_for_initialised(content['state_dict'], model)
        _init_weights(model)
        if content is not None and self.checkpoint is not None:
            if not getattr(model, 'save_frozen', True):
                check_weight_files(content.get('weight_files', {}), self.checkpoint)
            check_state_dict(content['state_dict'], model, self.checkpoint)
            model.load_state_dict(content['state_dict'], strict=False)
        self.model = model.to(self.device).eval()
        return self.model

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
    ) -> SceneGraph:
        """Find the scene graph of one recording.

        Args:
            rgb: Directory of images, or video file.
            depth: Directory of depth maps, one an RGB frame and of its size; as all
                about the recording, see :class:`Recording`. None: depth counts as
                unknown, and the model's depth branch is not used.
            out_dir: Folder for ``graph.json``, ``overlay.mp4`` and ``viewer.html``;
                each is written whole or not at all. None writes nothing.
            depth_scale: Stored units a metre; None takes 1000 (millimetres) for whole
                numbers and 1 for floats.
            fps: Frames a second; None takes the video's own, or 8.
            seed: Seed of answers that are drawn: the same one, the same graph.
            time_tolerance: Seconds by which names that are times may differ in a pair
                of RGB and depth.
            least_scores: What overlay and page show at first; None takes the config's.
                The graph holds everything.

        Returns:
            The scene graph; tubes and spans are in the recording's own pixels and
            frames.

        Raises:
            InputError: The recording is missing, damaged or of mixed sizes, depth
                does not fit the RGB frames, or the results cannot be written.
        """
        check_request(out_dir, seed, least_scores)
        recording = Recording(rgb, depth, depth_scale, fps, time_tolerance)
        recording.tell()
        return self.infer(recording, out_dir, seed, least_scores)

    def infer(
        self,
        recording: Recording,
        out_dir: str | Path | None = None,
        seed: int = 0,
        least_scores: LeastScores | None = None,
    ) -> SceneGraph:
        """Find the scene graph of a recording that is open, as from its files."""
        check_request(out_dir, seed, least_scores)
        model = self.build()
        batch = pseudo_collate([self.pipeline(recording.to_results())])
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(seed)
            (sample,) = model.test_step(batch)
        graph = sample.pred_scene_graph
        for key, what in _LEFT_OUT.items():
            if sample.get(key):
                print(f'{sample.get(key)} {what}')
        if out_dir is not None:
            graph_file, overlay, viewer = (Path(out_dir) / name for name in RESULTS)
            save_scene_graphs([graph], graph_file)
            least = self.least_scores if least_scores is None else least_scores
            shown = recording.frames, recording.fps
            write_overlay_video(overlay, graph, *shown, least)
            write_viewer(viewer, graph, *shown, least_scores=least)
        return graph


def check_request(
    out_dir: str | Path | None, seed: int, least_scores: LeastScores | None = None
) -> None:
    """Make sure that an answer can be drawn and written, before any work.

    Args:
        out_dir: Folder for the results; None where nothing is written.
        seed: Seed of the answer.
        least_scores: What is shown of it; None leaves that to the config.

    Raises:
        InputError: It cannot.
    """
    if not -(2**63) <= seed < 2**64:
        raise InputError(f'seed {seed}: expected a whole number of 64 bits')
    if least_scores is not None and not all(0 <= least <= 1 for least in least_scores):
        raise InputError(
            f'least scores {list(least_scores)}: expected numbers from 0 to 1'
        )
    if out_dir is not None:
        check_output_folder(out_dir, RESULTS)


def find_device(device: str | torch.device | None) -> torch.device:
    """Return the device of a name, or the best there is.

    Args:
        device: Such as ``cpu`` or ``cuda:1``; None takes the GPU where there is one.

    Raises:
        InputError: There is no such device.
    """
    if device is None:
        device = 'cuda' if torch.cuda.is_available() else 'cpu'
    try:
        found = torch.device(device)
        torch.empty(0, device=found)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).split('\n')[0]
        raise InputError(
            f'device {device}: is not there ({reason:.120}), expected such as cpu or '
            'cuda:0'
        ) from None
    return found


def _init_weights(model: BaseModel) -> None:
    """Fetch the pretrained weights that checkpoints may leave out, quietly."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel('WARNING')  # MMEngine lists every single weight
    try:
        model.init_weights()
    finally:
        logger.setLevel(level)


def default_checkpoint(config: Config, name: str) -> Path | Need:
    """Return the last checkpoint that training left, or that which the config names.

    Args:
        config: The config.
        name: The config's file, for the message.

    Returns:
        The checkpoint, or what is said where there is none.

    Raises:
        InputError: What a training noted as its last checkpoint is nowhere.
    """
    folder = config.get('work_dir') or str(Path('work_dirs') / Path(name).stem)
    folder = find_path(folder, search_folders(config.filename))
    checkpoint = last_checkpoint(folder) or config.get('published_checkpoint')
    if checkpoint is not None:
        return Path(checkpoint)
    return Need(
        folder,
        f'has no checkpoint, expected the one that "python tools/train.py {name}" '
        'makes; or pass --checkpoint FILE, or --untrained for random weights',
    )
