"""MMEngine's runner, strict about the checkpoints that it loads."""

from collections.abc import Callable

from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmfourdpsg.registry import RUNNERS

from ..hooks import PlainCheckpointHook
from .checkpoint import check_state_dict, load_checkpoint_file


@RUNNERS.register_module()
class SceneGraphRunner(Runner):
    """A runner that unpickles nothing unknown and accepts no half-fitting weights.

    MMEngine's own runner loads any pickle and, where names or shapes differ, trains
    on with a warning. Choose this one by ``runner_type='SceneGraphRunner'``.
    """

    def register_hooks(self, *args, **kwargs) -> None:
        """Register the configured hooks, and the one that keeps checkpoints plain."""
        super().register_hooks(*args, **kwargs)
        self.register_hook(PlainCheckpointHook())

    def val(self) -> dict:
        """Validate, with pretrained weights where checkpoints leave them out."""
        self._init_model_weights()
        return super().val()

    def test(self) -> dict:
        """Test, with pretrained weights where checkpoints leave them out."""
        self._init_model_weights()
        return super().test()

    def load_checkpoint(
        self,
        filename: str,
        map_location: str | Callable = 'cpu',
        strict: bool = True,
        revise_keys: list | None = None,
    ) -> dict:
        """Load a checkpoint into the model.

        Args:
            filename: The checkpoint's path.
            map_location: Device for its tensors.
            strict: Whether every weight has to fit.
            revise_keys: Unused: names are never revised.

        Returns:
            The checkpoint.

        Raises:
            InputError: The file is missing, damaged, holds unknown types, or is of
                another model.
        """
        checkpoint = load_checkpoint_file(filename, map_location)
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        model = self.model.module if is_model_wrapper(self.model) else self.model
        if strict:
            check_state_dict(checkpoint['state_dict'], model, filename)
        model.load_state_dict(checkpoint['state_dict'], strict=False)
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        return checkpoint
