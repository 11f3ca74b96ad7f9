import pickle

import av
import numpy as np
import pytest

from mmfourdpsg.datasets.frame_readers import VideoFileReader, open_frames
from mmfourdpsg.utils import InputError


def _write(path, num_frames=30, codec='mpeg4'):
    """Frame t is a grey of brightness 8 t."""
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = (
            64,
            48,
            'yuvj420p' if codec == 'mjpeg' else 'yuv420p',
        )
        for t in range(num_frames):
            picture = np.full((48, 64, 3), 8 * t, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format='rgb24')
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.fixture
def video(tmp_path):
    path = tmp_path / 'video.mp4'
    _write(path)
    return path


def test_frames_are_exact_in_any_order(video):
    reader = open_frames(video)
    assert (len(reader), reader.size, reader.fps) == (30, (48, 64), 10.0)
    for index in (0, 7, 29, 3, 3, -1, 12):
        frame = reader[index]
        assert frame.shape == (48, 64, 3)
        assert frame.dtype == np.uint8
        assert abs(frame.mean() - 8 * (index % 30)) < 4
    with pytest.raises(IndexError):
        reader[30]


def test_reader_can_be_sent_to_another_process(video):
    reader = VideoFileReader(video, num_frames=30)
    reader[4]
    assert abs(pickle.loads(pickle.dumps(reader))[2].mean() - 16) < 3
    with pytest.raises(InputError, match='holds 30 frames, expected 31'):
        VideoFileReader(video, num_frames=31)


@pytest.mark.parametrize('keep', [0.0, 0.3, 0.9])
def test_truncated_file(video, keep):
    content = video.read_bytes()
    video.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(InputError, match=r'video\.mp4: is truncated or no video'):
        VideoFileReader(video)


def test_damaged_frames_are_told_on_reading(tmp_path):
    path = tmp_path / 'video.avi'
    _write(path, codec='mjpeg')
    reader = VideoFileReader(path)
    content = bytearray(path.read_bytes())
    start = content.find(b'\xff\xd8', len(content) // 2)
    content[start : start + 600] = bytes(600)
    path.write_bytes(content)
    with pytest.raises(InputError, match=r'video\.avi: is truncated or damaged at'):
        for frame in range(len(reader)):
            reader[frame]


def test_what_is_no_video(tmp_path):
    path = tmp_path / 'video.mp4'
    path.write_text('hello')
    with pytest.raises(InputError, match=r'video\.mp4: is truncated or no video'):
        open_frames(path)
    with pytest.raises(InputError, match=r'nowhere\.mp4: is missing, expected'):
        VideoFileReader(tmp_path / 'nowhere.mp4')
