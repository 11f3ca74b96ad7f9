"""Tracking of segments, and what objects look like along their tracks."""

from .feature_tubes import FeatureTubes
from .query_tracker import QueryTracker, Track
from .training_tubes import TrainingTubes
from .tube_builder import TubeBuilder
from .tube_cache import TubeCache

__all__ = [
    'FeatureTubes',
    'QueryTracker',
    'Track',
    'TrainingTubes',
    'TubeBuilder',
    'TubeCache',
]
