import numpy as np
import pytest
import torch
from mmengine.config import Config

import mmfourdpsg.models.losses
import mmfourdpsg.models.tube_decoders  # noqa: F401
from mmfourdpsg.registry import MODELS


@pytest.fixture
def mini_config(repository):
    path = repository / 'configs/_base_/models/tube_decoders/sam2_mini.py'
    return Config.fromfile(path).sam2_mini


@pytest.fixture
def build(mini_config):
    """Build the mini decoder, smaller yet, with random weights of one seed."""

    def build(prompt_channels=16, **changes):
        torch.manual_seed(0)
        config = dict(mini_config, prompt_channels=prompt_channels, **changes)
        return MODELS.build(config).eval()

    return build


@pytest.fixture
def moving_shapes():
    """Make frames uint8 ``[T, H, W, 3]`` and masks bool ``[N, T, H, W]``."""

    def make(num_objects, num_frames, height=144, width=192, seed=0):
        rng = np.random.default_rng(seed)
        rows, columns = np.mgrid[:height, :width]
        frames = np.full((num_frames, height, width, 3), 90, np.uint8)
        masks = np.zeros((num_objects, num_frames, height, width), bool)
        for n in range(num_objects):
            colour = rng.integers(0, 255, 3)
            start = rng.uniform([0.2, 0.2], [0.8, 0.8]) * [height, width]
            speed = rng.uniform(-0.04, 0.04, 2) * height
            size = rng.uniform(0.08, 0.16) * height
            for t in range(num_frames):
                dy = rows - start[0] - t * speed[0]
                dx = columns - start[1] - t * speed[1]
                if n % 2:
                    shape = dy**2 + dx**2 < size**2
                else:
                    shape = (abs(dy) < size) & (abs(dx) < 0.8 * size)
                masks[n, t] = shape
                masks[:n, t] &= ~shape
                frames[t][shape] = colour
        return frames, masks

    return make
