"""Hook that tells a classifier what the labels of its training data are called."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmfourdpsg.registry import HOOKS


@HOOKS.register_module()
class LabelNamesHook(Hook):
    """Hands the names of the training data to a model that has ``take_labels``.

    They then stand in its checkpoints. A checkpoint that the training begins with has
    been loaded before, so that other names, or the same in another order, are refused.
    """

    def before_train(self, runner: Runner) -> None:
        """Hand on categories and predicates."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        if hasattr(model, 'take_labels'):
            model.take_labels(runner.train_dataloader.dataset.metainfo)
