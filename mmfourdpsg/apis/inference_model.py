"""The model of a config, with its weights, for inference on recordings."""

import copy
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import torch
from mmcv.transforms import Compose
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope

from mmfourdpsg.engine.launch import find_config_paths, read_config
from mmfourdpsg.engine.needs import Need, check_needs
from mmfourdpsg.engine.runner import (
    check_state_dict,
    take_held_parts_for_initialised,
)
from mmfourdpsg.engine.told_settings import told_settings
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file
from mmfourdpsg.utils.config_paths import find_path, search_folders
from mmfourdpsg.utils.run_folder import last_checkpoint
from mmfourdpsg.utils.weight_files import check_weight_files
from mmfourdpsg.visualization import LeastScores

from .recording import Recording

_Item = TypeVar('_Item')


class InferenceModel:
    """Builds a config's model, and predicts with it.

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

    def predict(
        self, recordings: Sequence[Recording], seed: int
    ) -> list[SceneGraphDataSample]:
        """Return a data sample of each recording, with what the model predicts.

        Args:
            recordings: What goes through the model at once.
            seed: Seed of answers that are sampled.
        """
        model = self.build()
        rows = [self.pipeline(recording.to_results()) for recording in recordings]
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(seed)
            return model.test_step(pseudo_collate(rows))

    def predict_stages(
        self, recording: Recording, seed: int
    ) -> Iterator[tuple[tuple[str, int, int], SceneGraphDataSample]]:
        """Yield a data sample with what is known after each stage of prediction.

        Args:
            recording: The recording.
            seed: Seed of answers that are sampled.

        Yields:
            Name, number and count of the stages; the data sample. A model that has no
            stages predicts all at once.
        """
        model = self.build()
        if not hasattr(model, 'predict_stages'):
            yield ('scene graph', 1, 1), self.predict([recording], seed)[0]
            return
        batch = pseudo_collate([self.pipeline(recording.to_results())])
        batch = model.data_preprocessor(batch, False)
        for stage in _run_seeded(model.predict_stages(**batch), seed):
            about = stage.name, stage.number, stage.num_stages
            yield about, stage.data_samples[0]


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


def _run_seeded(stages: Generator[_Item, None, None], seed: int) -> Iterator[_Item]:
    """Run a generator without gradients and with random numbers of its own.

    Torch's global generator is as it was before whenever an item is handed out, so
    that what a caller does between two items changes none of them.

    Args:
        stages: The generator; it is closed in the end.
        seed: Seed of the random numbers.

    Yields:
        The items.
    """
    state: torch.Tensor | None = None
    with closing(stages):
        while True:
            with torch.no_grad(), torch.random.fork_rng():
                if state is None:
                    torch.manual_seed(seed)
                else:
                    torch.set_rng_state(state)
                try:
                    item = next(stages)
                except StopIteration:
                    return
                state = torch.get_rng_state()
            yield item
