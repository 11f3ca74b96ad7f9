"""MMEngine's runner, with strict loading of checkpoints."""

from collections.abc import Callable
from datetime import timedelta
from inspect import signature

import torch
from mmengine.dist import is_distributed
from mmengine.model import is_model_wrapper
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import Runner
from torch.nn.parallel import DistributedDataParallel

from mmfourdpsg.registry import RUNNERS
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file
from mmfourdpsg.utils.weight_files import check_weight_files

from ..hooks import LabelNamesHook, ModelCostHook, PlainCheckpointHook, WeightFilesHook
from ..optimizers.told_schedules import told_schedules
from ..told_settings import told_settings
from .checkpoint import check_state_dict, take_held_parts_for_initialised
from .told_building import ToldBuilding

# torch 2.13 renamed the option and warns of the old name.
_SYNC_BUFFERS = (
    'forward_sync_buffers'
    if 'forward_sync_buffers' in signature(DistributedDataParallel).parameters
    else 'broadcast_buffers'
)


@RUNNERS.register_module()
class SceneGraphRunner(ToldBuilding, Runner):
    """A runner that unpickles nothing unknown and accepts no half-fitting weights.

    MMEngine's own runner loads any pickle and, where names or shapes differ, trains
    on with a warning. Here a training that begins with ``load_from``, the checkpoint of
    an earlier step, may lack whole parts of that model and have parts of its own, which
    is logged; everything else has to fit, with the help of the model's ``relabel``
    where it has one. Choose this runner by
    ``runner_type='SceneGraphRunner'``.
    """

    _begins = False

    def setup_env(self, env_cfg: dict) -> None:
        """Set the environment up; without GPUs processes meet by gloo."""
        on_cpu = not torch.cuda.is_available()
        if self.launcher == 'pytorch' and on_cpu and not is_distributed():
            # MMEngine's own would choose a CUDA device.
            seconds = env_cfg.get('dist_cfg', {}).get('timeout')
            timeout = None if seconds is None else timedelta(seconds=seconds)
            torch.distributed.init_process_group('gloo', timeout=timeout)
        super().setup_env(env_cfg)

    def build_optim_wrapper(self, *args, **kwargs) -> OptimWrapper | OptimWrapperDict:
        """Build the optimizer of a config.

        Raises:
            InputError: A setting does not fit it.
        """
        with told_settings(self.cfg):
            return super().build_optim_wrapper(*args, **kwargs)

    def build_param_scheduler(self, scheduler: dict | list) -> list | dict:
        """Build the schedules of a config.

        Raises:
            InputError: One cannot be built.
        """
        with told_schedules():
            return super().build_param_scheduler(scheduler)

    def wrap_model(
        self, model_wrapper_cfg: dict | None, model: torch.nn.Module
    ) -> torch.nn.Module:
        """Wrap the model for several processes, on CPUs, too."""
        if self.distributed and not torch.cuda.is_available():
            if model_wrapper_cfg is None:
                # As MMEngine has it where nothing is configured.
                unused = self.cfg.get('find_unused_parameters', False)
                model_wrapper_cfg = {
                    'type': 'MMDistributedDataParallel',
                    _SYNC_BUFFERS: False,
                    'find_unused_parameters': unused,
                }
            # Models on CPUs have no device to name.
            model_wrapper_cfg = {**model_wrapper_cfg, 'device_ids': None}
        return super().wrap_model(model_wrapper_cfg, model)

    def register_hooks(self, *args, **kwargs) -> None:
        """Register the configured hooks, and those that every run needs."""
        super().register_hooks(*args, **kwargs)
        self.register_hook(LabelNamesHook())
        self.register_hook(WeightFilesHook())
        self.register_hook(PlainCheckpointHook())
        self.register_hook(ModelCostHook())

    def train(self) -> torch.nn.Module:
        """Train, from ``load_from`` where the training is not resumed."""
        self._begins = not self._resume
        try:
            return super().train()
        finally:
            self._begins = False

    def _init_model_weights(self) -> None:
        if self._load_from is not None:
            state = load_checkpoint_file(self._load_from)['state_dict']
            model = self.model.module if is_model_wrapper(self.model) else self.model
            take_held_parts_for_initialised(state, model)
        super()._init_model_weights()

    def val(self) -> dict:
        """Validate, with pretrained weights where checkpoints leave them out."""
        self._init_model_weights()
        return super().val()

    def test(self) -> dict:
        """Test, with pretrained weights where checkpoints leave them out."""
        self._init_model_weights()
        return super().test()

    def load_checkpoint(
        self,
        filename: str,
        map_location: str | Callable = 'cpu',
        strict: bool = True,
        revise_keys: list | None = None,
    ) -> dict:
        """Load a checkpoint into the model.

        Args:
            filename: The checkpoint's path.
            map_location: Device for its tensors.
            strict: Whether every weight has to fit.
            revise_keys: Unused: names are never revised.

        Returns:
            The checkpoint.

        Raises:
            InputError: The file is missing, damaged, holds unknown types, is of another
                model, was trained beside other weights, or shall be resumed from and
                holds weights alone.
        """
        checkpoint = load_checkpoint_file(filename, map_location)
        if self._resume and not {'meta', 'message_hub', 'optimizer'} <= set(checkpoint):
            raise InputError(
                f'{filename}: holds weights alone, expected a checkpoint of a training '
                'to resume'
            )
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        model = self.model.module if is_model_wrapper(self.model) else self.model
        if not getattr(model, 'save_frozen', True):
            check_weight_files(checkpoint.get('weight_files', {}), filename)
        if self._begins and hasattr(model, 'relabel'):
            names = self.train_dataloader.dataset.metainfo
            for line in model.relabel(checkpoint['state_dict'], names):
                self.logger.info(f'{filename}: {line}')
        if strict:
            lacking, left_out = check_state_dict(
                checkpoint['state_dict'], model, filename, whole_parts=self._begins
            )
            for part in lacking:
                self.logger.info(f'{filename} has no {part}: it begins as configured')
            for part in left_out:
                self.logger.info(f'{part} of {filename} is left out')
        model.load_state_dict(checkpoint['state_dict'], strict=False)
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        return checkpoint
