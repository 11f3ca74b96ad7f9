"""Hook that tells how large a model is and how long it takes for a video."""

import time
from collections.abc import Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmfourdpsg.registry import HOOKS


@HOOKS.register_module()
class ModelCostHook(Hook):
    """Adds ``parameters`` and ``seconds_a_video`` to the metrics of a test.

    Parameters are all of the model, frozen ones and those of a model that it takes
    objects from included. Seconds are those from the first batch to the last, over the
    videos of this process: with all that is loaded, true masks for the scores too, and
    with a model of objects that is built when it is first asked, but without scoring.
    """

    def before_test_epoch(self, runner: Runner) -> None:
        """Begin to count."""
        self._begin = time.monotonic()
        self._videos = 0

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Sequence | None = None,
    ) -> None:
        """Count a batch.

        Args:
            runner: The runner.
            batch_idx: Unused.
            data_batch: Unused.
            outputs: One a video.
        """
        self._videos += len(outputs or ())
        self._end = time.monotonic()

    def after_test_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Hand both on to the log, which is written after this.

        Args:
            runner: The runner, of the model and the message hub.
            metrics: Unused.
        """
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        if self._videos and hasattr(model, 'count_parameters'):
            found = dict(
                parameters=model.count_parameters(),
                seconds_a_video=(self._end - self._begin) / self._videos,
            )
            for key, value in found.items():
                runner.message_hub.update_info(f'test/{key}', value)
