"""Data set wrapper that repeats another in each epoch."""

from typing import Any

from mmengine.dataset import RepeatDataset

from mmfourdpsg.registry import DATASETS

from .inner_datasets import inner_datasets


@DATASETS.register_module()
class SceneGraphRepeatDataset(RepeatDataset):
    """MMEngine's ``RepeatDataset``, each round of which is augmented differently.

    A sample's augmentation depends on (seed, epoch, index of the video). Here each
    round counts as an epoch of its own.

    Args:
        dataset: The data set or its config.
        times: How many rounds make an epoch.
        lazy_init: Whether annotations are read later, by ``full_init``.
    """

    epoch: int = 0

    def __getitem__(self, idx: int) -> Any:
        """Return item ``idx``, of round ``idx // len(dataset)``."""
        epoch = self.epoch * self.times + idx // len(self.dataset)
        for inner in inner_datasets(self.dataset):
            inner.epoch = epoch
        return super().__getitem__(idx)
