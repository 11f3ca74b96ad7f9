"""Pure functions on scene graphs."""

from .evaluate import (
    PROTOCOLS,
    Evaluation,
    check_options,
    evaluate_scene_graphs,
    pair_videos,
)
from .group_recall import SEEN, FrequencyGroups, LabelCounts, group_recall
from .object_matching import match_objects
from .openpvsg_matching import match_openpvsg
from .part_scores import PartScores, part_scores
from .recall import mean_recall_at_k, recall_at_k, recall_by_predicate
from .recall_losses import REASONS, RecallLoss, recall_losses
from .relation_match import RelationMatch, rank_relations
from .stage_recall import STAGES, stage_recall
from .strict_matching import match_strict
from .tube_iou import tube_iou, tube_ious

__all__ = [
    'PROTOCOLS',
    'REASONS',
    'SEEN',
    'STAGES',
    'Evaluation',
    'FrequencyGroups',
    'LabelCounts',
    'PartScores',
    'RecallLoss',
    'RelationMatch',
    'check_options',
    'evaluate_scene_graphs',
    'group_recall',
    'match_objects',
    'match_openpvsg',
    'match_strict',
    'mean_recall_at_k',
    'pair_videos',
    'part_scores',
    'rank_relations',
    'recall_at_k',
    'recall_by_predicate',
    'recall_losses',
    'stage_recall',
    'tube_iou',
    'tube_ious',
]
