"""Scene graphs, mask tubes, spans, and their JSON format."""

from .mask_tube import MaskTube
from .objects_and_relations import Box, Relation, SceneObject
from .scene_graph import SceneGraph
from .scene_graph_data_sample import SceneGraphDataSample
from .scene_graph_io import (
    load_ground_truth,
    load_scene_graphs,
    save_scene_graphs,
)
from .span import (
    Span,
    clip_span,
    cover_spans,
    group_spans,
    intersect_spans,
    merge_ranges,
    span_frames,
    span_from_frames,
    span_iou,
    span_length,
)

__all__ = [
    'Box',
    'MaskTube',
    'Relation',
    'SceneGraph',
    'SceneGraphDataSample',
    'SceneObject',
    'Span',
    'clip_span',
    'cover_spans',
    'group_spans',
    'intersect_spans',
    'load_ground_truth',
    'load_scene_graphs',
    'merge_ranges',
    'save_scene_graphs',
    'span_frames',
    'span_from_frames',
    'span_iou',
    'span_length',
]
