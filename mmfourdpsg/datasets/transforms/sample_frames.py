"""Transform that samples the frames of a video that the model sees."""

from itertools import pairwise

from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS

from .random_generator import random_generator


@TRANSFORMS.register_module()
class SampleFrames(BaseTransform):
    """Picks frames that are spread evenly over the whole video.

    The video is cut into ``num_frames`` equal segments, each of which gives one frame:
    its middle one, or in training a random one. A video with fewer frames gives all.

    Args:
        num_frames: How many frames.
        jitter: Whether to sample at random within each segment.

    Adds ``frame_indices``: list of ``T`` ascending original frame indices.
    """

    def __init__(self, num_frames: int, jitter: bool = False) -> None:
        if num_frames < 1:
            raise ValueError(f'num_frames is {num_frames}, expected at least 1')
        self.num_frames = num_frames
        self.jitter = jitter

    def transform(self, results: dict) -> dict:
        """Pick the frames."""
        total = results['num_frames']
        count = min(self.num_frames, total)
        edges = [i * total // count for i in range(count + 1)]
        if self.jitter:
            rng = random_generator(results)
            picked = [int(rng.integers(first, end)) for first, end in pairwise(edges)]
        else:
            picked = [(first + end - 1) // 2 for first, end in pairwise(edges)]
        results['frame_indices'] = picked
        return results

    def __repr__(self) -> str:
        return f'SampleFrames(num_frames={self.num_frames}, jitter={self.jitter})'
