"""Checks of a data set's files against its annotation."""

from .dataset_report import DatasetReport
from .depth_input import DepthInput, DepthInputCounts
from .video_checker import VideoCheck, VideoChecker

__all__ = [
    'DatasetReport',
    'DepthInput',
    'DepthInputCounts',
    'VideoCheck',
    'VideoChecker',
]
