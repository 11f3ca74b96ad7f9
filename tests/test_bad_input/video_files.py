"""Bad video files, and images in their place."""

from functools import partial

import av
import numpy as np
from av.stream import Disposition
from bad_input import BadInput
from PIL import Image
from small_videos import (
    blank_packet,
    grey_frames,
    packet_places,
    write_of_two_sizes,
    write_video,
)

EIGHTH_TURN = [46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30]
IN_HOI4D = 'HOI4D_release/a/align_rgb/image.mp4'
DEPTH_IN_HOI4D = 'HOI4D_depth_video/a/align_depth/depth_video.avi'


def _write(name, content, folder):
    (folder / name).write_bytes(content)


def _write_video(name, folder, count=4, **options):
    write_video(folder / name, grey_frames(count), **options)


def _write_song(folder):
    """Write sound with a cover image, which FFmpeg counts among the videos."""
    with av.open(str(folder / 'song.m4a'), 'w', format='mp4') as container:
        cover = container.add_stream('mjpeg', rate=1)
        cover.height, cover.width, cover.pix_fmt = 40, 40, 'yuvj420p'
        cover.disposition = Disposition.attached_pic
        sound = container.add_stream('aac', rate=44100)
        image = np.zeros((40, 40, 3), np.uint8)
        container.mux(cover.encode(av.VideoFrame.from_ndarray(image, 'rgb24')))
        container.mux(cover.encode())
        silence = np.zeros((1, 1024), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, 'fltp', 'mono')
        frame.rate = 44100
        container.mux(sound.encode(frame))
        container.mux(sound.encode())


def _write_depth(folder):
    depth = [np.full((16, 24), 900, np.uint16)] * 3
    write_video(folder / 'depth.mkv', depth, 'ffv1', 'gray16le')


def _write_depth_image(folder):
    Image.fromarray(np.full((6, 8), 900, np.uint16)).save(folder / 'depth.png')


def _write_without_end(folder):
    path = folder / 'video.mp4'
    _write_video('video.mp4', folder)
    path.write_bytes(path.read_bytes()[:-200])


def _write_without_frames(folder):
    """Write a video of which all frames are damaged."""
    _write_video('video.mp4', folder, codec='mpeg4')
    for index in range(len(packet_places(folder / 'video.mp4'))):
        blank_packet(folder / 'video.mp4', index, keep=0)


def _list_frames(folder, *listed):
    (folder / 'ag/annotations').mkdir(parents=True)
    (folder / 'ag/annotations/frame_list.txt').write_text('\n'.join(listed))
    (folder / 'videos').mkdir()


def _charades(folder, make=None, number=3, name='A.mp4'):
    _list_frames(folder, f'{name}/{number:06d}.png')
    if make is not None:
        make(folder / 'videos' / name)


def _two_sizes_in_hoi4d(folder):
    path = folder / IN_HOI4D
    path.parent.mkdir(parents=True)
    write_of_two_sizes(path.with_suffix('.webm'))
    path.with_suffix('.webm').rename(path)


def _empty_in_hoi4d(folder):
    (folder / IN_HOI4D).parent.mkdir(parents=True)
    (folder / IN_HOI4D).touch()


def _damaged_in_hoi4d(folder):
    _write_video(IN_HOI4D, folder, codec='mpeg4', rate=15)
    blank_packet(folder / IN_HOI4D, 3)


def _damaged(path):
    write_video(path, grey_frames(12), 'mpeg4')
    blank_packet(path, 4)


def _infer(name, says, make, of):
    arguments = ('--rgb', f'{{folder}}/{of}', '--out', '{folder}/out', '--untrained')
    return BadInput(name, ('tools/infer.py', *arguments), says, make)


def _action_genome(name, says, make):
    roots = ('--data-root', '{folder}/ag', '--videos', '{folder}/videos')
    tool = 'tools/dataset_converters/action_genome_frames.py'
    return BadInput(name, (tool, *roots, '--workers', '1'), says, make)


def _hoi4d(name, says, make, *more):
    roots = ('--data-root', '{folder}', '--workers', '1', *more)
    return BadInput(
        name, ('tools/dataset_converters/hoi4d_decode.py', *roots), says, make
    )


CASES = [
    _infer(
        'video turned by an eighth',
        'is shown turned by -45 degrees, expected quarter turns',
        partial(_write_video, 'video.mp4', matrix=EIGHTH_TURN),
        of='video.mp4',
    ),
    _infer(
        'video that changes its size',
        'frame 4 has 32 x 48 pixels (height x width), expected 48 x 64',
        lambda folder: write_of_two_sizes(folder / 'video.webm'),
        of='video.webm',
    ),
    _infer(
        'video without a byte',
        'is truncated or no video (an empty file)',
        partial(_write, 'video.mp4', b''),
        of='video.mp4',
    ),
    _infer(
        'text called a video',
        'is truncated or no video (Invalid data',
        partial(_write, 'video.mp4', b'some notes\n' * 50),
        of='video.mp4',
    ),
    _infer(
        'text, which FFmpeg would draw',
        'notes.txt: holds no video',
        partial(_write, 'notes.txt', b'some notes\n' * 50),
        of='notes.txt',
    ),
    _infer(
        'song with a cover image',
        'song.m4a: holds no video but a cover image',
        _write_song,
        of='song.m4a',
    ),
    _infer(
        'depth video as RGB',
        'has pixels of gray16le, expected an RGB video',
        _write_depth,
        of='depth.mkv',
    ),
    _infer(
        'video without its end',
        'video.mp4: is truncated or no video',
        _write_without_end,
        of='video.mp4',
    ),
    _infer(
        'video of damaged frames alone',
        'is truncated or no video (no frame in it)',
        _write_without_frames,
        of='video.mp4',
    ),
    _infer(
        'depth image as the only RGB image',
        'has pixels of mode I;16, expected an RGB image',
        _write_depth_image,
        of='depth.png',
    ),
    _infer(
        'half an image as the only one',
        'image.jpg: is truncated or damaged',
        partial(_write, 'image.jpg', b'\xff\xd8\xff\xe0\0\x10JFIF'),
        of='image.jpg',
    ),
    _action_genome(
        'video of Charades that is missing',
        'A.mp4: is missing, expected a video file',
        _charades,
    ),
    _action_genome(
        'text called a video of Charades',
        'A.mp4: is truncated or no video',
        partial(_charades, make=lambda path: path.write_text('notes')),
    ),
    _action_genome(
        'video of Charades turned by an eighth',
        'A.mp4: is shown turned by -45 degrees',
        partial(
            _charades,
            make=lambda path: write_video(path, grey_frames(4), matrix=EIGHTH_TURN),
        ),
    ),
    _action_genome(
        'video of Charades that changes its size',
        'A.webm: frame 5 has 32 x 48 pixels',
        partial(_charades, make=write_of_two_sizes, number=7, name='A.webm'),
    ),
    _action_genome(
        'video of Charades damaged before an annotated frame',
        'A.avi: is truncated or damaged after frame 4',
        partial(_charades, make=_damaged, number=9, name='A.avi'),
    ),
    _action_genome(
        'video of Charades of which an edit list hides too much',
        'A.mp4: ends before frame 9',
        partial(
            _charades,
            make=lambda path: write_video(
                path, grey_frames(12), times=list(range(-6, 6))
            ),
            number=9,
        ),
    ),
    _hoi4d(
        'video of HOI4D without a byte',
        'image.mp4: is truncated or no video (an empty file)',
        _empty_in_hoi4d,
    ),
    _hoi4d(
        'video of HOI4D at times of another rate',
        'has 10 frames a second, expected 15',
        partial(_write_video, IN_HOI4D, rate=15, times=[0, 3, 6, 9], unit='1/30'),
    ),
    _hoi4d(
        'video of HOI4D that changes its size',
        'image.mp4: frame 4 has 32 x 48 pixels',
        _two_sizes_in_hoi4d,
        *('--fps', '10'),
    ),
    _hoi4d(
        'depth of HOI4D in colours',
        'has pixels of yuv420p, expected gray16le',
        partial(_write_video, DEPTH_IN_HOI4D, codec='ffv1', rate=15),
    ),
    _hoi4d(
        'video of HOI4D with a damaged frame',
        'is truncated or damaged (3 frames can be read), expected 4',
        _damaged_in_hoi4d,
    ),
]
