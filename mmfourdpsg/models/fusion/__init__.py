"""Aggregators of RGB and depth features."""

from .sa_gate import SAGate
from .sa_gate_core import SAGateCore
from .sum_aggregator import SumAggregator

__all__ = ['SAGate', 'SAGateCore', 'SumAggregator']
