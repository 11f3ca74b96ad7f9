"""Relation heads: which objects are related, how, and when."""

from .object_point_clouds import ObjectPointClouds, PointCloudSampler
from .point_graph_head import PointGraphHead, PointGraphTargets
from .pointnet import PointNet
from .triplet_gcn import TripletGCN

__all__ = [
    'ObjectPointClouds',
    'PointCloudSampler',
    'PointGraphHead',
    'PointGraphTargets',
    'PointNet',
    'TripletGCN',
]
