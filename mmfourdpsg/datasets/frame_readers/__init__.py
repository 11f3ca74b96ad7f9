"""Readers of the frames of a video file or directory, one frame at a time."""

from .depth_directory_reader import DepthDirectoryReader
from .depth_file import decode_depth
from .depth_video_reader import DepthVideoReader
from .file_decoding import (
    MissingFileError,
    decode_depth_image,
    decode_index_image,
    decode_rgb_image,
    load_array,
    load_arrays,
)
from .file_sequence_reader import FileSequenceReader
from .frame_pairing import TIME_TOLERANCE, pair_frames
from .image_directory_reader import ImageDirectoryReader, list_files
from .numbered_image_reader import NumberedImageReader
from .open_frames import open_frames
from .rgbd_frame_reader import RGBDFrame, RGBDFrameReader
from .video_file_reader import VideoFileReader

__all__ = [
    'TIME_TOLERANCE',
    'DepthDirectoryReader',
    'DepthVideoReader',
    'FileSequenceReader',
    'ImageDirectoryReader',
    'MissingFileError',
    'NumberedImageReader',
    'RGBDFrame',
    'RGBDFrameReader',
    'VideoFileReader',
    'decode_depth',
    'decode_depth_image',
    'decode_index_image',
    'decode_rgb_image',
    'list_files',
    'load_array',
    'load_arrays',
    'open_frames',
    'pair_frames',
]
