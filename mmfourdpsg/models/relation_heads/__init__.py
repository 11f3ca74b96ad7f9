"""Relation heads: which objects are related, how, and when."""

from .object_point_clouds import ObjectPointClouds, PointCloudSampler
from .pair_classifier import PairClassifier
from .pair_matrix_proposal import PairMatrixProposal
from .pair_proposal import PairProposal
from .pair_temporal_models import (
    ConvPairModel,
    FilterPairModel,
    TransformerPairModel,
)
from .point_graph_head import PointGraphHead, PointGraphTargets
from .pointnet import PointNet
from .relation_head import RelationHead
from .relation_records import FoundRelations, RelationTargets
from .spatial_temporal_encoder import SpatialTemporalEncoder
from .triplet_gcn import TripletGCN

__all__ = [
    'ConvPairModel',
    'FilterPairModel',
    'FoundRelations',
    'ObjectPointClouds',
    'PairClassifier',
    'PairMatrixProposal',
    'PairProposal',
    'PointCloudSampler',
    'PointGraphHead',
    'PointGraphTargets',
    'PointNet',
    'RelationHead',
    'RelationTargets',
    'SpatialTemporalEncoder',
    'TransformerPairModel',
    'TripletGCN',
]
