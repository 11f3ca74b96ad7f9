"""Hook that saves the state of the random generators and restores it on resuming."""

import random

import numpy as np
import torch
from mmengine.dist import all_gather_object, get_rank, get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmfourdpsg.registry import HOOKS

# Of one process and of all.
STATE, STATES = 'random_state', 'random_states'


@HOOKS.register_module()
class RandomStateHook(Hook):
    """Saves the random generators with each checkpoint and restores them on resume.

    MMEngine saves the seed alone, so that a resumed run would sample the numbers of the
    first epoch again. The generators are restored just before the first epoch, after
    everything that samples numbers while the run is set up. Each process has its own
    back, if there are as many as before.

    A validation leaves the generators as it found them: a run that was stopped after
    it goes on like one that was stopped before, as the checkpoint was written.
    """

    def __init__(self) -> None:
        self._state: dict | None = None
        self._all: list[dict] | None = None
        self._before_validation: dict | None = None

    def after_train_epoch(self, runner: Runner) -> None:
        """Gather the states of all processes: the first one alone saves."""
        if get_world_size() > 1:
            self._all = all_gather_object(_read_state())

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the generators' states to the checkpoint."""
        checkpoint[STATE] = _read_state()
        if self._all is not None:
            checkpoint[STATES] = self._all

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Keep the states of a checkpoint that is resumed from."""
        if not runner._resume:
            return
        states = checkpoint.get(STATES) or []
        own = len(states) == get_world_size()
        self._state = states[get_rank()] if own else checkpoint.get(STATE)

    def before_train_epoch(self, runner: Runner) -> None:
        """Restore the generators, once."""
        if self._state is not None:
            _restore_state(self._state)
            self._state = None

    def before_val_epoch(self, runner: Runner) -> None:
        """Keep the generators' states, since answers are sampled."""
        self._before_validation = _read_state()

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Restore them."""
        _restore_state(self._before_validation)


def _read_state() -> dict:
    version, keys, position, has_gauss, gauss = np.random.get_state()
    return dict(
        torch=torch.get_rng_state(),
        cuda=[torch.cuda.get_rng_state()] if torch.cuda.is_available() else [],
        numpy=(version, keys.tolist(), position, has_gauss, gauss),
        python=random.getstate(),
    )


def _restore_state(state: dict) -> None:
    torch.set_rng_state(state['torch'].cpu())
    if state['cuda'] and torch.cuda.is_available():
        torch.cuda.set_rng_state(state['cuda'][0].cpu())
    version, keys, *rest = state['numpy']
    np.random.set_state((version, np.array(keys, dtype=np.uint32), *rest))
    random.setstate(state['python'])
