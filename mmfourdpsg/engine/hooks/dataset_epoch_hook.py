"""Hook that tells the data set which epoch it is."""

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmfourdpsg.datasets.inner_datasets import inner_datasets
from mmfourdpsg.registry import HOOKS


@HOOKS.register_module()
class DatasetEpochHook(Hook):
    """Sets ``epoch`` of the training data set before each epoch.

    A data set seeds each sample's augmentation by (seed, epoch, index), so that it
    does not depend on the number of workers and a resumed run sees the same samples.
    Workers are started anew each epoch, and so learn of it.

    Raises:
        ValueError: The loader keeps its workers, which would not learn of it.
    """

    def before_train_epoch(self, runner: Runner) -> None:
        """Pass on epoch and seed."""
        loader = runner.train_dataloader
        if loader.num_workers and loader.persistent_workers:
            raise ValueError('DatasetEpochHook needs persistent_workers=False')
        for dataset in inner_datasets(loader.dataset):
            dataset.epoch = runner.epoch
            dataset.seed = runner.seed or 0
