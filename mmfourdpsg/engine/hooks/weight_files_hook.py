"""Checkpoints that know which weights they leave out."""

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmfourdpsg.registry import HOOKS
from mmfourdpsg.utils.weight_files import weight_files


@HOOKS.register_module()
class WeightFilesHook(Hook):
    """Notes in each checkpoint what files of weights the model began with.

    A checkpoint that leaves out what is frozen means nothing beside other weights.
    """

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the files' digests."""
        checkpoint['weight_files'] = weight_files(runner.cfg.get('model'))
