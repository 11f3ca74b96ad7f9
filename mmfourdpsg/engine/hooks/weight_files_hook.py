"""Hook that records in checkpoints which files hold the weights they leave out."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmfourdpsg.registry import HOOKS
from mmfourdpsg.utils.weight_files import weight_files


@HOOKS.register_module()
class WeightFilesHook(Hook):
    """Notes in each checkpoint what files of weights the model began with.

    A checkpoint that leaves out what is frozen means nothing beside other weights. Of
    the model's ``held_parts`` it leaves out nothing, so that their files may change.
    """

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the files' digests."""
        config = dict(runner.cfg.get('model') or {})
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        saved = {key.partition('.')[0] for key in checkpoint.get('state_dict', ())}
        for part in saved.intersection(getattr(model, 'held_parts', ())):
            config.pop(part, None)
        checkpoint['weight_files'] = weight_files(config)
