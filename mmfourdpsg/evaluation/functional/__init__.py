"""Pure functions on scene graphs."""

from .evaluate import (
    PROTOCOLS,
    Evaluation,
    check_options,
    evaluate_scene_graphs,
    pair_videos,
)
from .feature_similarity import SimilarityDistribution, feature_similarity
from .graph_constraint import CONSTRAINTS, constrain
from .group_accuracy import group_accuracy
from .group_recall import SEEN, FrequencyGroups, LabelCounts, group_recall
from .object_matching import match_objects
from .openpvsg_matching import match_openpvsg
from .panoptic_quality import panoptic_quality
from .part_scores import PartScores, part_scores
from .recall import (
    hits_by_video,
    mean_recall_at_k,
    recall_at_k,
    recall_by_predicate,
)
from .recall_losses import REASONS, RecallLoss, recall_losses
from .region_overlap import REGIONS, region_ious
from .relation_accuracy import RelationAccuracy, relation_accuracy
from .relation_match import RelationMatch, rank_relations
from .score_calibration import (
    ScoredHits,
    cross_calibrate,
    fit_calibration,
    object_hits,
    relation_hits,
)
from .sgdet import SGDetEvaluation, evaluate_sgdet, sgdet_recall_by_predicate
from .stage_recall import STAGES, stage_recall
from .strict_matching import match_strict
from .tube_iou import tube_iou, tube_ious

__all__ = [
    'CONSTRAINTS',
    'PROTOCOLS',
    'REASONS',
    'REGIONS',
    'SEEN',
    'STAGES',
    'Evaluation',
    'FrequencyGroups',
    'LabelCounts',
    'PartScores',
    'RecallLoss',
    'RelationAccuracy',
    'RelationMatch',
    'SGDetEvaluation',
    'ScoredHits',
    'SimilarityDistribution',
    'check_options',
    'constrain',
    'cross_calibrate',
    'evaluate_scene_graphs',
    'evaluate_sgdet',
    'feature_similarity',
    'fit_calibration',
    'group_accuracy',
    'group_recall',
    'hits_by_video',
    'match_objects',
    'match_openpvsg',
    'match_strict',
    'mean_recall_at_k',
    'object_hits',
    'pair_videos',
    'panoptic_quality',
    'part_scores',
    'rank_relations',
    'recall_at_k',
    'recall_by_predicate',
    'recall_losses',
    'region_ious',
    'relation_accuracy',
    'relation_hits',
    'sgdet_recall_by_predicate',
    'stage_recall',
    'tube_iou',
    'tube_ious',
]
