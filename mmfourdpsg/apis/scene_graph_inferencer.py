"""From a recording to its scene graph."""

import copy
from pathlib import Path

import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope

from mmfourdpsg.datasets.frame_readers import DepthDirectoryReader, open_frames
from mmfourdpsg.engine.launch import find_config_paths, read_config
from mmfourdpsg.engine.needs import Need, check_needs
from mmfourdpsg.engine.runner import (
    check_state_dict,
    take_held_parts_for_initialised,
)
from mmfourdpsg.engine.told_settings import told_settings
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraph, save_scene_graphs
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file
from mmfourdpsg.utils.config_paths import find_path, search_folders
from mmfourdpsg.utils.run_folder import last_checkpoint
from mmfourdpsg.utils.weight_files import check_weight_files
from mmfourdpsg.visualization import write_overlay_video, write_viewer

from .no_depth import NoDepth


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

    Raises:
        InputError: The config is unfit, there is no checkpoint, or it is damaged or
            that of another model or was trained beside other weights.

    Attributes:
        checkpoint: The checkpoint's file; None where the model is untrained.
    """

    def __init__(
        self,
        config: str | Path | Config,
        checkpoint: str | Path | None = None,
        device: str | torch.device | None = None,
        untrained: bool = False,
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
        self.checkpoint = None
        lacking = []
        if not untrained:
            checkpoint = checkpoint or default_checkpoint(config, name)
            lacking = [checkpoint] if isinstance(checkpoint, Need) else []
        loaded = None if lacking or checkpoint is None else str(checkpoint)
        command = 'python tools/infer.py --config {config}'
        check_needs(config, (), loaded, command, lacking)
        if not untrained:
            checkpoint = self.checkpoint = Path(checkpoint)
            # Read first: building a large model takes minutes.
            content = load_checkpoint_file(checkpoint)
        init_default_scope(config.get('default_scope', 'mmdet'))
        self.device = find_device(device)
        with told_settings(config):
            self.pipeline = Compose(config.inference_pipeline)
            self.model = MODELS.build(config.model)
        if not untrained:
            take_held_parts_for_initialised(content['state_dict'], self.model)
        _init_weights(self.model)
        if not untrained:
            if not getattr(self.model, 'save_frozen', True):
                check_weight_files(content.get('weight_files', {}), checkpoint)
            check_state_dict(content['state_dict'], self.model, checkpoint)
            self.model.load_state_dict(content['state_dict'], strict=False)
        self.model.to(self.device).eval()

    def __call__(
        self,
        rgb: str | Path,
        depth: str | Path | None = None,
        out_dir: str | Path | None = None,
        depth_scale: float = 1000.0,
        fps: float | None = None,
        seed: int = 0,
    ) -> SceneGraph:
        """Find the scene graph of one recording.

        Args:
            rgb: Directory of images, or video file.
            depth: Directory of depth maps, one an RGB frame and of its size: 16-bit
                images, or ``.npy`` in metres. None: depth counts as unknown, and the
                model's depth branch is not used.
            out_dir: Folder for ``graph.json``, ``overlay.mp4`` and ``viewer.html``;
                each is written whole or not at all. None writes nothing.
            depth_scale: Stored units a metre in depth images; 1000 for millimetres.
            fps: Frames a second; None takes the video's own, or 8.
            seed: Seed of answers that are drawn: the same one, the same graph.

        Returns:
            The scene graph; tubes and spans are in the recording's own pixels and
            frames.

        Raises:
            InputError: The recording is missing, damaged or of mixed sizes, depth
                does not fit the RGB frames, or the folder is a file.
        """
        if (
            out_dir is not None
            and Path(out_dir).exists()
            and not Path(out_dir).is_dir()
        ):
            raise InputError(f'{out_dir}: is a file, expected a folder for the results')
        if fps is not None and not fps > 0:
            raise InputError(f'{fps} frames a second: expected a positive number')
        results = self._open(rgb, depth, depth_scale)
        results['fps'] = fps or results['frame_reader'].fps or 8.0
        batch = pseudo_collate([self.pipeline(results)])
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(seed)
            (sample,) = self.model.test_step(batch)
        graph = sample.pred_scene_graph
        dropped = sample.get('num_dropped')
        if dropped:
            print(f"left out {dropped} unreadable pieces of the model's answer")
        if out_dir is not None:
            frames = results['frame_reader']
            out_dir = Path(out_dir)
            save_scene_graphs([graph], out_dir / 'graph.json')
            write_overlay_video(out_dir / 'overlay.mp4', graph, frames, results['fps'])
            write_viewer(out_dir / 'viewer.html', graph, frames, results['fps'])
        return graph

    @staticmethod
    def _open(rgb: str | Path, depth: str | Path | None, depth_scale: float) -> dict:
        """Return what the pipeline starts from."""
        frames = open_frames(rgb)
        if depth is None:
            print('no depth given: the depth branch is not used', flush=True)
            depth_reader = NoDepth(len(frames), frames.size)
        else:
            depth_reader = DepthDirectoryReader(depth, scale=depth_scale)
            if len(depth_reader) != len(frames):
                raise InputError(
                    f'{depth}: holds {len(depth_reader)} depth maps, expected '
                    f'{len(frames)}, one for each RGB frame of {rgb}'
                )
        return dict(
            video_id=Path(rgb).resolve().stem,
            rgb_path=str(rgb),
            depth_path=str(depth),
            num_frames=len(frames),
            frame_reader=frames,
            depth_reader=depth_reader,
            test_mode=True,
        )


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


def _init_weights(model: torch.nn.Module) -> None:
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
