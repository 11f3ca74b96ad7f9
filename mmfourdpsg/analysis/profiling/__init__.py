"""Profiling of a training step: time by part, memory, floating-point operations."""

from .part_times import PartTimes, part_times, whole_time
from .step_operations import StepOperations, count_operations

__all__ = [
    'PartTimes',
    'StepOperations',
    'count_operations',
    'part_times',
    'whole_time',
]
