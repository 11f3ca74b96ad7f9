"""Hooks."""

from .dataset_epoch_hook import DatasetEpochHook
from .random_state_hook import RandomStateHook

__all__ = ['DatasetEpochHook', 'RandomStateHook']
