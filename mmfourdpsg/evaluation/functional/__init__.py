"""Pure functions on scene graphs."""

from .evaluate import PROTOCOLS, Evaluation, evaluate_scene_graphs
from .recall import mean_recall_at_k, recall_at_k, recall_by_predicate
from .strict_matching import StrictMatch, match_strict, rank_relations
from .tube_iou import tube_iou

__all__ = [
    'PROTOCOLS',
    'Evaluation',
    'StrictMatch',
    'evaluate_scene_graphs',
    'match_strict',
    'mean_recall_at_k',
    'rank_relations',
    'recall_at_k',
    'recall_by_predicate',
    'tube_iou',
]
