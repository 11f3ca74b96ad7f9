"""Pure functions on scene graphs."""

from .evaluate import (
    PROTOCOLS,
    Evaluation,
    check_options,
    evaluate_scene_graphs,
    pair_videos,
)
from .openpvsg_matching import match_openpvsg
from .part_scores import PartScores, part_scores
from .recall import mean_recall_at_k, recall_at_k, recall_by_predicate
from .recall_losses import REASONS, RecallLoss, recall_losses
from .relation_match import RelationMatch, rank_relations
from .strict_matching import match_strict
from .tube_iou import tube_iou, tube_ious

__all__ = [
    'PROTOCOLS',
    'REASONS',
    'Evaluation',
    'PartScores',
    'RecallLoss',
    'RelationMatch',
    'check_options',
    'evaluate_scene_graphs',
    'match_openpvsg',
    'match_strict',
    'mean_recall_at_k',
    'pair_videos',
    'part_scores',
    'rank_relations',
    'recall_at_k',
    'recall_by_predicate',
    'recall_losses',
    'tube_iou',
    'tube_ious',
]
