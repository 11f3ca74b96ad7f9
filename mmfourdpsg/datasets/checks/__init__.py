"""Whether a data set is what its annotation says."""

from .dataset_report import DatasetReport
from .video_checker import VideoCheck, VideoChecker

__all__ = ['DatasetReport', 'VideoCheck', 'VideoChecker']
