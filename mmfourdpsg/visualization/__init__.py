"""Visualization of scene graphs: overlay videos, viewer pages, charts."""

from .colours import hex_colour, object_colours, object_names
from .graph_layout import graph_layout
from .least_scores import LeastScores
from .overlay import OverlayRenderer, write_overlay_video
from .scene_graph_visualizer import SceneGraphVisualizer
from .video_file_writer import write_video
from .viewer import write_viewer

__all__ = [
    'LeastScores',
    'OverlayRenderer',
    'SceneGraphVisualizer',
    'graph_layout',
    'hex_colour',
    'object_colours',
    'object_names',
    'write_overlay_video',
    'write_video',
    'write_viewer',
]
