"""What other programs call."""

from .graph_stage import GraphStage
from .recording import Recording
from .recording_list import RecordingList
from .result_files import check_request
from .scene_graph_inferencer import SceneGraphInferencer

__all__ = [
    'GraphStage',
    'Recording',
    'RecordingList',
    'SceneGraphInferencer',
    'check_request',
]
