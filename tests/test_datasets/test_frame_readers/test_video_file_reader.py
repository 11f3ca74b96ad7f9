import pickle
import warnings

import av
import numpy as np
import pytest
from av.stream import Disposition
from small_videos import (
    blank_packet,
    brightness,
    grey_frames,
    packet_places,
    without_first_packets,
    write_of_two_sizes,
    write_video,
)

from mmfourdpsg.datasets.frame_readers import VideoFileReader, open_frames
from mmfourdpsg.utils import InputError


@pytest.fixture
def video(tmp_path):
    path = tmp_path / 'video.mp4'
    write_video(path, grey_frames(30), 'mpeg4')
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


@pytest.mark.parametrize(
    ('name', 'codec', 'pixels', 'options'),
    [
        # The bars that differ from frame to frame alone are coded, as if key frames.
        ('video.gif', 'gif', 'rgb8', {}),
        ('video.mkv', 'ffv1', 'yuv420p', dict(g='1')),
        ('video.mkv', 'ffv1', 'yuv420p', dict(g='12')),
        ('video.avi', 'mjpeg', 'yuvj420p', {}),
        ('video.ts', 'mpeg2video', 'yuv420p', dict(g='1')),
        ('video.ts', 'libx264', 'yuv420p', {'x264-params': 'open-gop=1:keyint=5'}),
        ('video.webm', 'libvpx-vp9', 'yuv420p', {}),
        ('video.h264', 'libx264', 'yuv420p', {}),
    ],
)
def test_frames_of_any_format_are_the_same_in_any_order(
    tmp_path, name, codec, pixels, options
):
    frames = [np.zeros((48, 64, 3), np.uint8) for _ in range(16)]
    for t, frame in enumerate(frames):
        frame[3 * t : 3 * t + 3] = 200
    rate = 25 if codec == 'mpeg2video' else 10
    write_video(tmp_path / name, frames, codec, pixels, rate, **options)
    reader = VideoFileReader(tmp_path / name)
    assert len(reader) == 16
    in_order = list(reader)
    for t, frame in enumerate(in_order):
        assert np.abs(frame.astype(int) - frames[t]).mean() < 16
    for t in (9, 2, 15, 0, 14, 13):
        np.testing.assert_array_equal(reader[t], in_order[t])


def test_reader_can_be_sent_to_another_process(video):
    reader = VideoFileReader(video, num_frames=30)
    reader[4]
    assert abs(pickle.loads(pickle.dumps(reader))[2].mean() - 16) < 3
    with pytest.raises(InputError, match='holds 30 frames, expected 31'):
        VideoFileReader(video, num_frames=31)


@pytest.mark.parametrize('keep', [0.0, 0.3, 0.9])
def test_a_truncated_file_is_refused(video, keep):
    content = video.read_bytes()
    video.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(InputError, match=r'video\.mp4: is truncated or no video'):
        VideoFileReader(video)


def test_damaged_frames_are_told_on_reading(tmp_path):
    path = tmp_path / 'video.avi'
    write_video(path, grey_frames(30), 'mjpeg', 'yuvj420p')
    reader = VideoFileReader(path)
    blank_packet(path, 15, keep=0)
    with pytest.raises(InputError, match=r'video\.avi: is truncated or damaged at'):
        for frame in range(len(reader)):
            reader[frame]


def test_a_damaged_frame_of_a_data_set_shifts_no_other(tmp_path):
    path = tmp_path / 'video.avi'
    write_video(path, grey_frames(20), 'mpeg4')
    blank_packet(path, 8)
    reader = VideoFileReader(path, num_frames=20)
    assert brightness([reader[7]]) == [7]
    with pytest.raises(InputError, match='damaged at frame 8, expected 20 frames'):
        reader[9]


@pytest.mark.parametrize(
    ('name', 'codec'),
    [
        ('video.mp4', 'libx264'),
        ('video.mkv', 'libx264'),
        ('video.avi', 'mpeg4'),
        ('video.webm', 'libvpx-vp9'),
    ],
)
def test_a_broken_last_frame_is_left_out_and_told(tmp_path, name, codec):
    path = tmp_path / name
    write_video(path, grey_frames(20), codec, bf='0')
    blank_packet(path, -1)
    with pytest.warns(UserWarning, match='left out 1 of 20 frames, damaged') as told:
        reader = open_frames(path)
    assert len(told) == 1
    assert (len(reader), reader.fps) == (19, 10.0)
    assert brightness(reader) == list(range(19))


@pytest.mark.parametrize(
    ('name', 'codec', 'options'),
    [
        ('video.mp4', 'libx264', dict(movflags='frag_keyframe+empty_moov')),
        ('video.mp4', 'mpeg4', dict(movflags='faststart')),
        ('video.avi', 'mpeg4', {}),
    ],
)
@pytest.mark.parametrize('place', [1, 4])
def test_frames_that_the_end_of_the_file_cuts_are_told(
    tmp_path, name, codec, options, place
):
    path = tmp_path / name
    write_video(path, grey_frames(20), codec, options=options, bf='0')
    start, length = packet_places(path)[-place]
    path.write_bytes(path.read_bytes()[: start + length // 2])
    with pytest.warns(UserWarning, match=f'left out {place} of 20 frames, damaged'):
        reader = open_frames(path)
    assert brightness(reader) == list(range(20 - place))


def test_damaged_frames_amid_a_recording_are_left_out_and_told(tmp_path):
    path = tmp_path / 'video.mp4'
    write_video(path, grey_frames(30), 'mpeg4', g='5')
    blank_packet(path, 10)
    with pytest.warns(UserWarning, match='left out 1 of 30 frames, damaged'):
        reader = open_frames(path)
    assert (len(reader), reader.fps) == (29, 10.0)
    assert brightness([reader[9]]) == [9]
    assert brightness([reader[28], reader[25]]) == [29, 26]


def test_an_edit_list_hides_frames(tmp_path):
    path = tmp_path / 'video.mp4'
    # What comes before time 0 is hidden by an edit list.
    write_video(path, grey_frames(20), times=[t - 5 for t in range(20)])
    with av.open(str(path)) as container:
        assert container.streams.video[0].frames == 20
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        reader = open_frames(path)
    assert (len(reader), reader.fps) == (15, 10.0)
    assert brightness(reader) == list(range(5, 20))
    assert brightness([reader[3], reader[0]]) == [8, 5]
    assert brightness(VideoFileReader(path, num_frames=15)) == list(range(5, 20))
    with pytest.raises(InputError, match='holds 15 frames, expected 20'):
        VideoFileReader(path, num_frames=20)


def test_what_vp8_hides_is_no_lost_frame(tmp_path):
    path = tmp_path / 'video.webm'
    write_video(path, grey_frames(20), 'libvpx')
    start, _ = packet_places(path)[5]
    content = bytearray(path.read_bytes())
    assert content[start + 4] & 0x10  # behind track, time and flags: is shown
    content[start + 4] &= ~0x10
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        reader = open_frames(path)
    assert brightness(reader) == [0, 1, 2, 3, 4, *range(6, 20)]
    assert len(VideoFileReader(path, num_frames=19)) == 19


@pytest.mark.parametrize('name', ['late.ts', 'late.mkv', 'late.mp4'])
def test_frames_before_the_first_that_can_be_decoded_are_left_out(tmp_path, name):
    whole = tmp_path / 'whole.ts'
    params = {'x264-params': 'keyint=10:min-keyint=10:scenecut=0:bframes=0'}
    write_video(whole, grey_frames(30), **params)
    without_first_packets(whole, tmp_path / name, 3)
    with pytest.warns(UserWarning, match='left out 7 of 27 frames, damaged'):
        reader = open_frames(tmp_path / name)
    assert (len(reader), reader.fps) == (20, 10.0)
    assert brightness(reader) == list(range(10, 30))
    assert brightness([reader[4], reader[0]]) == [14, 10]


def test_a_change_of_size_is_refused_with_its_frame(tmp_path):
    told = r'frame 4 has 32 x 48 pixels \(height x width\), expected 48 x 64'
    write_of_two_sizes(tmp_path / 'video.webm')
    with pytest.raises(InputError, match=told):
        open_frames(tmp_path / 'video.webm')
    with pytest.raises(InputError, match='frame 5 has 32 x 48 pixels'):
        VideoFileReader(tmp_path / 'video.webm', num_frames=8)[5]
    # Where times begin anew.
    path = tmp_path / 'video.ts'
    parts = []
    for size in ((48, 64), (32, 48)):
        write_video(path, grey_frames(4, size))
        parts.append(path.read_bytes())
    path.write_bytes(b''.join(parts))
    with pytest.raises(InputError, match=told):
        open_frames(path)


@pytest.mark.parametrize(
    ('name', 'codec', 'rate', 'times', 'unit', 'fps'),
    [
        # Headers that tell the unit of times instead of a rate.
        ('video.mkv', 'libx264', 1000, range(0, 2000, 100), '1/1000', 10),
        ('video.mp4', 'libx264', 90000, range(0, 60000, 3000), '1/90000', 30),
        ('video.mkv', 'libx264', 5, range(0, 800, 40), '1/1000', 25),
        # As phones do: 0.99 s in place of 19 frames' 0.76 s.
        ('video.mp4', 'mpeg4', 25, [*range(0, 740, 40), 990], '1/1000', 19 / 0.99),
        ('video.mkv', 'libx264', 30, [0, 1, 2, 4, 8, 9, 10, 20], '1/10', 7 / 2),
        # Rounded to milliseconds, which a header makes up for.
        ('video.mkv', 'mpeg4', 30, None, None, 30),
        ('video.ts', 'libx264', 25, None, None, 25),
        ('video.mpg', 'mpeg2video', 25, None, None, 25),
        # Without times.
        ('video.h264', 'libx264', 12, None, None, 12),
    ],
)
def test_the_rate_is_that_of_the_times(tmp_path, name, codec, rate, times, unit, fps):
    path = tmp_path / name
    count = 20 if times is None else len(times)
    times = None if times is None else list(times)
    write_video(path, grey_frames(count), codec, 'yuv420p', rate, times, unit)
    reader = open_frames(path)
    assert len(reader) == count
    # The last frame's own duration is counted by some.
    assert reader.fps == pytest.approx(fps, rel=1e-6 if times is None else 0.02)


def test_a_single_frame_has_no_rate_of_a_clock(tmp_path):
    path = tmp_path / 'video.mp4'
    write_video(path, grey_frames(1), rate=90000)
    reader = open_frames(path)
    assert (len(reader), reader.fps) == (1, None)


def _add_cover(container):
    cover = container.add_stream('mjpeg', rate=1)
    cover.height, cover.width, cover.pix_fmt = 40, 40, 'yuvj420p'
    cover.disposition = Disposition.attached_pic
    return cover


def _write_cover(container, cover):
    image = np.full((40, 40, 3), 200, np.uint8)
    container.mux(cover.encode(av.VideoFrame.from_ndarray(image, 'rgb24')))
    container.mux(cover.encode())


def _add_video(container, size, codec='mpeg4', rate=10):
    stream = container.add_stream(codec, rate=rate)
    stream.height, stream.width = size
    stream.pix_fmt = 'yuv420p'
    return stream


def _write_frames(container, stream, count):
    for frame in grey_frames(count, (stream.height, stream.width)):
        container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, 'rgb24')))
    container.mux(stream.encode())


def _write_silence(container, sound):
    silence = np.zeros((1, 1024), np.float32)
    frame = av.AudioFrame.from_ndarray(silence, 'fltp', 'mono')
    frame.rate = 44100
    for _ in range(5):
        container.mux(sound.encode(frame))
    container.mux(sound.encode())


def test_a_cover_image_is_not_the_film(tmp_path):
    path = tmp_path / 'film.mp4'
    with av.open(str(path), 'w') as container:
        cover = _add_cover(container)
        video = _add_video(container, (48, 64))
        _write_cover(container, cover)
        _write_frames(container, video, 10)
    reader = open_frames(path)
    assert (len(reader), reader.size) == (10, (48, 64))
    assert brightness(reader) == list(range(10))


def test_a_single_image_beside_the_film_is_not_the_film(tmp_path):
    path = tmp_path / 'film.mkv'
    with av.open(str(path), 'w') as container:
        # Not marked as a cover, and first.
        image, video = _add_cover(container), _add_video(container, (48, 64))
        image.disposition = 0
        _write_cover(container, image)
        _write_frames(container, video, 10)
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == 'mjpeg'
    assert brightness(open_frames(path)) == list(range(10))


def test_music_with_a_cover_image_is_no_video(tmp_path):
    path = tmp_path / 'song.m4a'
    with av.open(str(path), 'w', format='mp4') as container:
        cover = _add_cover(container)
        sound = container.add_stream('aac', rate=44100)
        _write_cover(container, cover)
        _write_silence(container, sound)
    with pytest.raises(InputError, match='holds no video but a cover image'):
        open_frames(path)


def test_sound_may_come_first(tmp_path):
    path = tmp_path / 'video.mp4'
    with av.open(str(path), 'w') as container:
        sound = container.add_stream('aac', rate=44100)
        video = _add_video(container, (48, 64))
        _write_silence(container, sound)
        _write_frames(container, video, 8)
    with av.open(str(path)) as container:
        assert container.streams[0].type == 'audio'
    assert brightness(open_frames(path)) == list(range(8))


def test_sound_may_begin_later(tmp_path):
    """As in broadcasts, of which recorders join parts."""
    parts = []
    for has_sound in (False, True):
        path = tmp_path / f'{has_sound}.ts'
        with av.open(str(path), 'w') as container:
            video = _add_video(container, (48, 64), 'mpeg2video', 25)
            if has_sound:
                sound = container.add_stream('aac', rate=44100)
                _write_silence(container, sound)
            _write_frames(container, video, 6)
        parts.append(path.read_bytes())
    # So much stuffing between them that the beginning does not tell of sound.
    stuffing = (b'\x47\x1f\xff\x10' + 184 * b'\xff') * 30000
    path = tmp_path / 'video.ts'
    path.write_bytes(stuffing.join(parts))
    assert brightness(open_frames(path)) == [*range(6), *range(6)]


def test_of_two_videos_the_default_is_taken(tmp_path):
    for default in (0, 1):
        path = tmp_path / f'{default}.mkv'
        with av.open(str(path), 'w') as container:
            streams = [_add_video(container, size) for size in ((48, 64), (32, 32))]
            streams[default].disposition = Disposition.default
            for stream in streams:
                _write_frames(container, stream, 4)
        assert open_frames(path).size == ((48, 64), (32, 32))[default]


@pytest.mark.parametrize(
    'name', ['a:b.mp4', 'https:x.mp4', '100%03d.mp4', ' - ü 漢.mp4', 'concat:a|b.mp4']
)
def test_a_video_may_have_any_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / name, grey_frames(4))
    assert brightness(open_frames(name)) == list(range(4))


def test_notes_in_another_encoding_are_no_fault(tmp_path):
    path = tmp_path / 'video.mkv'
    with av.open(str(path), 'w') as container:
        container.metadata['title'] = 'title-here'
        _write_frames(container, _add_video(container, (48, 64)), 3)
    content = path.read_bytes()
    path.write_bytes(content.replace(b'title-here', 'tütle-h\xe9re'.encode('latin-1')))
    assert len(open_frames(path)) == 3


def test_what_is_no_video_is_refused(tmp_path):
    path = tmp_path / 'video.mp4'
    path.write_text('hello')
    with pytest.raises(InputError, match=r'video\.mp4: is truncated or no video'):
        open_frames(path)
    path.write_bytes(b'')
    with pytest.raises(InputError, match=r'video\.mp4: .* \(an empty file\), expected'):
        open_frames(path)
    with pytest.raises(InputError, match=r'nowhere\.mp4: is missing, expected'):
        VideoFileReader(tmp_path / 'nowhere.mp4')
    # FFmpeg would draw the letters.
    path = tmp_path / 'notes.txt'
    path.write_text('some notes\n' * 50)
    with pytest.raises(InputError, match=r'notes\.txt: holds no video'):
        open_frames(path)


def test_a_video_of_depth_holds_no_colours(tmp_path):
    path = tmp_path / 'depth.mkv'
    depth = [np.full((16, 24), 900, np.uint16)] * 3
    write_video(path, depth, 'ffv1', 'gray16le')
    with pytest.raises(InputError, match='has pixels of gray16le, expected an RGB'):
        open_frames(path)
