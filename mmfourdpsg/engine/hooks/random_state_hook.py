"""Random numbers that go on where a killed run stopped."""

import random

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmfourdpsg.registry import HOOKS


@HOOKS.register_module()
class RandomStateHook(Hook):
    """Saves the random generators with each checkpoint and restores them on resume.

    MMEngine saves the seed alone, so that a resumed run would draw the numbers of the
    first epoch again. The generators are restored just before the first epoch, after
    everything that draws numbers while the run is set up.
    """

    def __init__(self) -> None:
        self._state: dict | None = None

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the generators' states to the checkpoint."""
        version, keys, position, has_gauss, gauss = np.random.get_state()
        checkpoint['random_state'] = dict(
            torch=torch.get_rng_state(),
            cuda=torch.cuda.get_rng_state_all(),
            numpy=(version, keys.tolist(), position, has_gauss, gauss),
            python=random.getstate(),
        )

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Keep the states of a checkpoint that is resumed from."""
        self._state = checkpoint.get('random_state') if runner._resume else None

    def before_train_epoch(self, runner: Runner) -> None:
        """Restore the generators, once."""
        if self._state is None:
            return
        torch.set_rng_state(self._state['torch'].cpu())
        if len(self._state['cuda']) == torch.cuda.device_count():
            torch.cuda.set_rng_state_all([row.cpu() for row in self._state['cuda']])
        version, keys, *rest = self._state['numpy']
        np.random.set_state((version, np.array(keys, dtype=np.uint32), *rest))
        random.setstate(self._state['python'])
        self._state = None
