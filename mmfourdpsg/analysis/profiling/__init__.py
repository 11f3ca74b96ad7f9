"""Where the time and the operations of a training step go."""

from .part_times import PartTimes, part_times, whole_time
from .step_operations import StepOperations, count_operations

__all__ = [
    'PartTimes',
    'StepOperations',
    'count_operations',
    'part_times',
    'whole_time',
]
