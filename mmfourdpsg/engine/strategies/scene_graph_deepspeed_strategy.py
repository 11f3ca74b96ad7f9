"""DeepSpeed strategy (ZeRO) for models that are mostly frozen."""

import importlib.util
from collections.abc import Callable, Mapping

import torch
from mmengine._strategy.deepspeed import DeepSpeedStrategy
from mmengine.dist import all_gather_object, get_rank, get_world_size, init_dist
from mmengine.optim import BaseOptimWrapper
from torch import nn
from torch.optim import Optimizer

from mmfourdpsg.registry import STRATEGIES
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file
from mmfourdpsg.utils.weight_files import check_weight_files

from ..hooks.random_state_hook import STATE, STATES
from ..optimizers.told_schedules import told_schedules
from ..runner.checkpoint import check_state_dict

# Of wrappers that may leave it out.
PRECISION = dict(Bfloat16OptimWrapper='bfloat16', AmpOptimWrapper='float16')


@STRATEGIES.register_module()
class SceneGraphDeepSpeedStrategy(DeepSpeedStrategy):
    """MMEngine's DeepSpeed strategy, which takes the configs of plain trainings.

    - The optimizer wrapper of a config serves as it is: ``paramwise_cfg`` makes the
      parameter groups, its type and ``dtype`` turn into DeepSpeed's autocast,
      ``clip_grad`` and ``accumulative_counts`` into its own settings.
    - Groups with equal settings are united, since ZeRO has a buffer for each.
    - Checkpoints hold what trains, and ``initial_checkpoint``, a plain one, is loaded
      before the model is partitioned.
    - Processes on CPUs meet by gloo.

    ``tools/model_converters/deepspeed_to_plain.py`` makes plain checkpoints.

    Args:
        initial_checkpoint: Checkpoint of an earlier step; whole parts may be absent.
        **kwargs: As for MMEngine's strategy, ``zero_optimization`` above all.

    Raises:
        InputError: DeepSpeed is not installed, or processes are not launched.

    Attributes:
        packages: Optional packages that it takes, module -> how to install it.
    """

    packages = dict(deepspeed="pip install 'mmfourdpsg[deepspeed]'")

    def __init__(self, *, initial_checkpoint: str | None = None, **kwargs) -> None:
        if importlib.util.find_spec('deepspeed') is None:
            raise InputError(
                f'deepspeed is not installed, expected {self.packages["deepspeed"]}'
            )
        self.initial_checkpoint = initial_checkpoint
        kwargs.setdefault('exclude_frozen_parameters', True)
        super().__init__(**kwargs)

    def _setup_distributed(
        self, launcher: str | None = None, backend: str = 'nccl', **kwargs
    ) -> None:
        if launcher in (None, 'none'):
            raise InputError(
                'DeepSpeed trains in launched processes, expected --launcher, as '
                'tools/dist_train.sh sets it'
            )
        if torch.cuda.is_available():
            init_dist(launcher, backend, init_backend='deepspeed', **kwargs)
            return
        # MMEngine's own would choose a CUDA device.
        import deepspeed

        deepspeed.init_distributed(dist_backend='gloo', **kwargs)

    def prepare(self, model: nn.Module | dict, **kwargs) -> tuple:
        """Build, load, partition; see MMEngine's strategy."""
        batch_size = kwargs['dispatch_kwargs'].get('train_micro_batch_size_per_gpu', 1)
        self.config.setdefault('train_micro_batch_size_per_gpu', batch_size)
        return super().prepare(model, **kwargs)

    def save_checkpoint(
        self,
        filename: str,
        *,
        extra_ckpt: dict | None = None,
        callback: Callable[[dict], None] | None = None,
        **kwargs,
    ) -> None:
        """Save, and let hooks add what they keep; see MMEngine's strategy."""
        extra_ckpt = extra_ckpt or {}
        if callback is not None:
            callback(extra_ckpt)
        # In stages 1 and 2 the first process saves for all of them.
        extra_ckpt[STATES] = all_gather_object(extra_ckpt.pop(STATE, None))
        super().save_checkpoint(filename, extra_ckpt=extra_ckpt, **kwargs)

    def resume(
        self,
        filename: str,
        *,
        callback: Callable[[dict], None] | None = None,
        **kwargs,
    ) -> dict:
        """Resume, and let hooks restore what they keep; see MMEngine's strategy.

        Raises:
            InputError: The checkpoint was trained beside other weights.
        """
        checkpoint = super().resume(filename, **kwargs)
        check_weight_files(checkpoint.get('weight_files', {}), filename)
        states = checkpoint.pop(STATES, None)
        if states is not None and len(states) == get_world_size():
            checkpoint[STATE] = states[get_rank()]
        if callback is not None:
            callback(checkpoint)
        return checkpoint

    def build_optim_wrapper(
        self, optim_wrapper: BaseOptimWrapper | dict, model: nn.Module | None = None
    ) -> BaseOptimWrapper:
        """Build the optimizer wrapper of a plain training's config for DeepSpeed."""
        if isinstance(optim_wrapper, BaseOptimWrapper):
            return super().build_optim_wrapper(optim_wrapper, model)
        config = dict(optim_wrapper, type='SceneGraphDeepSpeedOptimWrapper')
        kind = str(optim_wrapper.get('type')).rpartition('.')[2]
        dtype = config.pop('dtype', PRECISION.get(kind))
        clip_grad = config.pop('clip_grad', None)
        config.pop('loss_scale', None)
        steps = config.pop('accumulative_counts', 1)
        if dtype is not None:
            self.config.setdefault('torch_autocast', dict(enabled=True, dtype=dtype))
        if clip_grad is not None:
            self.config.setdefault('gradient_clipping', clip_grad['max_norm'])
        if steps != 1:
            self.config['gradient_accumulation_steps'] = steps
        wrapper = super().build_optim_wrapper(config, model)
        unite_groups(wrapper.optimizer)
        # MMEngine's strategy leaves auto_scale_lr out.
        self.optim_wrapper = wrapper
        self._scale_lr()
        return wrapper

    def build_param_scheduler(self, *args, **kwargs) -> list | dict:
        """Build the schedules of a config; see MMEngine's strategy.

        Raises:
            InputError: One cannot be built.
        """
        with told_schedules():
            return super().build_param_scheduler(*args, **kwargs)

    def _init_model_weights(self, model: nn.Module) -> nn.Module:
        model = super()._init_model_weights(model)
        if self.initial_checkpoint is not None:
            state = load_checkpoint_file(self.initial_checkpoint)['state_dict']
            check_state_dict(state, model, self.initial_checkpoint, whole_parts=True)
            model.load_state_dict(state, strict=False)
            self.logger.info(f'Load checkpoint from {self.initial_checkpoint}')
        return model


def unite_groups(optimizer: Optimizer) -> None:
    """Unite parameter groups of an optimizer that differ in nothing."""
    united: dict[tuple, dict] = {}
    for group in optimizer.param_groups:
        united.setdefault(_settings(group), dict(group, params=[]))['params'].extend(
            group['params']
        )
    optimizer.param_groups[:] = united.values()


def _settings(group: Mapping) -> tuple:
    return tuple(sorted((k, repr(v)) for k, v in group.items() if k != 'params'))
