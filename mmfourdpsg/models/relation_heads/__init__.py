"""Relation heads: which objects are related, how, and when."""

from .pair_classifier import PairClassifier
from .pair_matrix_proposal import PairMatrixProposal
from .pair_proposal import PairProposal
from .pair_temporal_models import (
    ConvPairModel,
    FilterPairModel,
    TransformerPairModel,
)
from .relation_head import RelationHead
from .relation_records import FoundRelations, RelationTargets
from .spatial_temporal_encoder import SpatialTemporalEncoder

__all__ = [
    'ConvPairModel',
    'FilterPairModel',
    'FoundRelations',
    'PairClassifier',
    'PairMatrixProposal',
    'PairProposal',
    'RelationHead',
    'RelationTargets',
    'SpatialTemporalEncoder',
    'TransformerPairModel',
]
