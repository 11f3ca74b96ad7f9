"""Transform that changes the colours of a clip at random."""

import math

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS

from .random_generator import random_generator


@TRANSFORMS.register_module()
class RandomColourJitter(BaseTransform):
    """Changes brightness, contrast, saturation and hue, alike in all frames of a clip.

    All four are linear in the colours and are applied as one 3 x 3 matrix and offset,
    so that values are clipped and rounded once.

    Args:
        brightness: Largest relative change.
        contrast: Largest relative change of the distance to the clip's mean.
        saturation: Largest relative change of the distance to grey.
        hue: Largest rotation around the grey axis, as a fraction of the circle.
        prob: Probability of changing a clip.
    """

    def __init__(
        self,
        brightness: float = 0.2,
        contrast: float = 0.2,
        saturation: float = 0.2,
        hue: float = 0.02,
        prob: float = 0.8,
    ) -> None:
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.hue = hue
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """Change the colours, or not."""
        rng = random_generator(results)
        if rng.random() >= self.prob:
            return results
        brightness, contrast, saturation = (
            1 + rng.uniform(-reach, reach)
            for reach in (self.brightness, self.contrast, self.saturation)
        )
        angle = 2 * math.pi * rng.uniform(-self.hue, self.hue)
        matrix = _rotate_hue(angle)
        grey = np.full((3, 3), 1 / 3)
        matrix = (saturation * np.eye(3) + (1 - saturation) * grey) @ matrix
        # Grey is the mean of the channels here, so neither step moves the mean.
        mean = float(results['rgb'].mean())
        scale = np.float32(brightness * contrast) * matrix.astype(np.float32)
        offset = np.float32(brightness * (1 - contrast) * mean)
        results['rgb'] = np.stack(
            [
                np.clip(np.rint(frame @ scale.T + offset), 0, 255).astype(np.uint8)
                for frame in results['rgb'].astype(np.float32)
            ]
        )
        return results

    def __repr__(self) -> str:
        return (
            f'RandomColourJitter(brightness={self.brightness}, '
            f'contrast={self.contrast}, saturation={self.saturation}, hue={self.hue}, '
            f'prob={self.prob})'
        )


def _rotate_hue(angle: float) -> np.ndarray:
    """Return the rotation ``[3, 3]`` around the grey axis (Rodrigues' formula)."""
    axis = np.full(3, 1 / math.sqrt(3))
    cross = np.cross(np.eye(3), axis)
    return (
        math.cos(angle) * np.eye(3)
        + math.sin(angle) * cross
        + (1 - math.cos(angle)) * np.outer(axis, axis)
    )
