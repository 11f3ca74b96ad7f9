"""Hook that tells a model the names of its labels."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmfourdpsg.registry import HOOKS


@HOOKS.register_module()
class LabelVocabularyHook(Hook):
    """Passes the labels of the training data on to the model's vocabulary.

    Weights that are loaded bring their own, which then have to be the same. A model
    without any, tested untrained, takes those of the test data. One that has no
    ``vocabulary`` is left alone.
    """

    def before_train(self, runner: Runner) -> None:
        """Pass on the labels of the training data, or check them."""
        vocabulary = _vocabulary(runner)
        if vocabulary is not None:
            vocabulary.learn(runner.train_dataloader.dataset.metainfo, 'training data')

    def before_test(self, runner: Runner) -> None:
        """Pass on the labels of the test data to a model that has none."""
        vocabulary = _vocabulary(runner)
        if vocabulary is not None and not vocabulary.categories:
            vocabulary.learn(runner.test_dataloader.dataset.metainfo, 'test data')


def _vocabulary(runner: Runner):
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    return getattr(model, 'vocabulary', None)
