"""Learning rate schedule: inverse square root of the step."""

from mmengine.optim import BaseOptimWrapper
from mmengine.optim.scheduler.lr_scheduler import LRSchedulerMixin
from mmengine.optim.scheduler.param_scheduler import INF, _ParamScheduler
from torch.optim import Optimizer

from mmfourdpsg.registry import PARAM_SCHEDULERS


@PARAM_SCHEDULERS.register_module()
class InverseSquareRootLR(LRSchedulerMixin, _ParamScheduler):
    """Divides the rate at step ``t`` after ``begin`` by ``sqrt(1 + t / timescale)``.

    With ``begin`` and ``timescale`` equal to the steps of a linear warm-up it is the
    Transformer's schedule, ``lr * sqrt(warm_up / step)``. Source: the 4D-LLM paper,
    section 5.1, names it; Vaswani et al., "Attention Is All You Need", section 5.3.

    Args:
        optimizer: The optimizer or its wrapper.
        timescale: Steps after which the rate has fallen to ``1 / sqrt(2)``.
        begin: First step of the schedule, iterations or epochs.
        end: Step at which it stops.
        last_step: Index of the last step where a run is resumed without state.
        by_epoch: Whether steps are epochs.
        verbose: Whether each change is printed.

    Raises:
        ValueError: The timescale is not positive.
    """

    def __init__(
        self,
        optimizer: Optimizer | BaseOptimWrapper,
        timescale: float,
        begin: int = 0,
        end: int = INF,
        last_step: int = -1,
        by_epoch: bool = False,
        verbose: bool = False,
    ) -> None:
        if timescale <= 0:
            raise ValueError(f'timescale is {timescale}, expected a positive number')
        self.timescale = timescale
        super().__init__(
            optimizer,
            begin=begin,
            end=end,
            last_step=last_step,
            by_epoch=by_epoch,
            verbose=verbose,
        )

    def _get_value(self) -> list[float]:
        step = self.last_step
        ratio = 1.0
        if step:
            # Chained with other schedules, so it is the change since the last step.
            ratio = ((self.timescale + step - 1) / (self.timescale + step)) ** 0.5
        return [group[self.param_name] * ratio for group in self.optimizer.param_groups]
