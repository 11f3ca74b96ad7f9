"""Encoders of RGB-D video: features, their fusion and their merging."""

from .depth_to_disparity import DepthToDisparity
from .dpc_knn import dpc_knn, merge_clusters
from .feature_cache import FeatureCache
from .frame_encoder import FrameEncoder, FrameFeatures
from .identity_token_merging import IdentityTokenMerging
from .imagebind import (
    ImageBindDepthEncoder,
    ImageBindVisionEncoder,
    load_imagebind_checkpoint,
)
from .scene_encoder import SceneEncoder
from .token_merging import DPCKNNTokenMerging

__all__ = [
    'DPCKNNTokenMerging',
    'DepthToDisparity',
    'FeatureCache',
    'FrameEncoder',
    'FrameFeatures',
    'IdentityTokenMerging',
    'ImageBindDepthEncoder',
    'ImageBindVisionEncoder',
    'SceneEncoder',
    'dpc_knn',
    'load_imagebind_checkpoint',
    'merge_clusters',
]
