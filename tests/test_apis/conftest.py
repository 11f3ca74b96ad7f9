import av
import numpy as np
import pytest
from PIL import Image

HEIGHT, WIDTH, NUM_FRAMES = 48, 64, 5


@pytest.fixture
def recording(tmp_path):
    """Directories of RGB with a bright square that moves, and of depth in mm."""
    rgb, depth = tmp_path / 'kitchen', tmp_path / 'depth'
    rgb.mkdir()
    depth.mkdir()
    for index in range(NUM_FRAMES):
        frame = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
        frame[10:20, 5 * index : 5 * index + 10] = 250
        Image.fromarray(frame).save(rgb / f'{index}.png')
        distance = np.full((HEIGHT, WIDTH), 1000 + 500 * index, np.uint16)
        Image.fromarray(distance).save(depth / f'{index}.png')
    return rgb, depth


@pytest.fixture
def recording_video(recording, tmp_path):
    """The recording's RGB frames as a video of 12 frames a second."""
    path = tmp_path / 'clip.mp4'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('mpeg4', 12)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, 'yuv420p'
        for index in range(NUM_FRAMES):
            array = np.asarray(Image.open(recording[0] / f'{index}.png'))
            frame = av.VideoFrame.from_ndarray(array, 'rgb24')
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
