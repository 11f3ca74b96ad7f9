"""Checkpoint hook whose files hold nothing but tensors and plain values."""

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner

from mmfourdpsg.registry import HOOKS


@HOOKS.register_module()
class PlainCheckpointHook(Hook):
    """Writes MMEngine's log buffers as tensors and restores them.

    A pickled buffer names functions, and a NumPy number its own type; a loader that
    takes tensors and plain values alone refuses both.
    """

    priority = 'VERY_LOW'

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Replace each buffer by its values and counts, NumPy's numbers by Python's."""
        hub = checkpoint['message_hub']
        hub['log_scalars'] = {
            key: dict(
                values=torch.from_numpy(buffer.data[0].copy()),
                counts=torch.from_numpy(buffer.data[1].copy()),
                max_length=buffer.max_length,
            )
            for key, buffer in hub['log_scalars'].items()
        }
        hub['runtime_info'] = {
            key: value.item() if isinstance(value, np.generic) else value
            for key, value in hub['runtime_info'].items()
        }

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Replace values and counts by buffers."""
        hub = checkpoint.get('message_hub', {})
        hub['log_scalars'] = {
            key: HistoryBuffer(
                row['values'].tolist(), row['counts'].tolist(), row['max_length']
            )
            for key, row in hub.get('log_scalars', {}).items()
        }
