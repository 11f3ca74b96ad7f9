"""Ceilings: what parts reach where all before them is perfect."""

from .ceiling_table import ceiling_table, score_ceiling
from .text_ceiling import shown_graph, text_ceilings
from .true_graphs import true_graphs, written_samples
from .true_tubes import object_names, with_true_tubes
from .words_ceiling import words_ceilings

__all__ = [
    'ceiling_table',
    'object_names',
    'score_ceiling',
    'shown_graph',
    'text_ceilings',
    'true_graphs',
    'with_true_tubes',
    'words_ceilings',
    'written_samples',
]
