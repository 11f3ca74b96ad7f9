"""How RGB and depth features become one."""

from .sa_gate import SAGate
from .sa_gate_core import SAGateCore
from .sum_aggregator import SumAggregator

__all__ = ['SAGate', 'SAGateCore', 'SumAggregator']
