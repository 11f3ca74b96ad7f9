"""Conversion of metres to the disparity that ImageBind's depth encoder takes."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS

REFERENCE_WIDTH = 640
"""Columns at which a focal length in pixels counts."""


@MODELS.register_module()
class DepthToDisparity(nn.Module):
    """Metres to normalised disparity.

    ImageBind takes disparity = baseline * fx / depth. The camera's fx and baseline
    belong to the data set, so they are configuration; so are the statistics, since
    the official preprocessing was never released (the defaults follow Omnivore's,
    with the Kinect's baseline and fx at 640 x 480).

    A focal length in pixels grows with the recording's size, and what the encoder sees
    must not: ``fx`` counts at :data:`REFERENCE_WIDTH` columns, those of the frames that
    the statistics are of. A camera of 1050 pixels at 1920 columns has 350.

    The published statistics fit SUN RGB-D's PNG files read without undoing their
    three-bit shift, that is metres times 8: a real Kinect's frames then have a mean of
    about 0 and a deviation of about 0.4, and of 9 and 3 without; what is nearer than
    half a metre is cut to one value without. So ``depth_scale=8`` goes with the
    official weights, and 1 with weights that learned metres.

    Args:
        fx: Focal length in pixels at :data:`REFERENCE_WIDTH` columns, whatever the size
            of the frames.
        baseline: Metres between the two views of the (virtual) stereo pair.
        clip: Smallest and largest depth in metres; nearer and farther is clipped.
        max_disparity: Disparity in pixels is capped to this and divided by it;
            None does neither.
        mean: Subtracted from the scaled disparity.
        std: Divides it after that.
        unknown_value: What the network sees where depth is unknown. After
            normalisation 0 is the mean disparity.
        depth_scale: What metres are multiplied by before they become disparity, 8 for
            the official weights.

    Raises:
        ValueError: A number is not positive, or ``clip`` is not ascending.
    """

    def __init__(
        self,
        fx: float = 518.857901,
        baseline: float = 0.075,
        clip: Sequence[float] = (0.01, 50.0),
        max_disparity: float | None = 75.0,
        mean: float = 0.0418,
        std: float = 0.0295,
        unknown_value: float = 0.0,
        depth_scale: float = 1.0,
    ) -> None:
        super().__init__()
        positive = dict(fx=fx, baseline=baseline, std=std, depth_scale=depth_scale)
        if not (min(positive.values()) > 0 and 0 < clip[0] < clip[1]):
            raise ValueError(
                f'{", ".join(positive)} must be positive and clip ascending and '
                f'positive; got {positive}, {tuple(clip)}'
            )
        self.fx = fx
        self.baseline = baseline
        self.clip = tuple(clip)
        self.max_disparity = max_disparity
        self.mean = mean
        self.std = std
        self.unknown_value = unknown_value
        self.depth_scale = depth_scale

    def forward(self, depth: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """Convert and, if asked, resize.

        Resizing averages known pixels only, so unknown ones do not bleed; an output
        pixel is unknown where less than half of its support is known.

        Args:
            depth: ``[N, H, W]`` metres; 0, negative and non-finite mean unknown.
            size: Height and width of the output; None keeps H and W.

        Returns:
            Tensor: ``[N, 1, h, w]`` float32, ``unknown_value`` where unknown.
        """
        depth = depth.unsqueeze(1).float()  # [N, 1, H, W]
        known = is_known(depth)
        disparity = self._disparity(depth.where(known, 1.0))
        if self.max_disparity is not None:
            disparity = disparity.clamp(max=self.max_disparity) / self.max_disparity
        if size is not None and tuple(size) != tuple(depth.shape[-2:]):
            weight = self._resize(known.float(), size)
            disparity = self._resize(disparity * known, size)
            known = weight >= 0.5
            disparity = disparity / weight.where(known, 1.0)
        normalised = (disparity - self.mean) / self.std
        return normalised.where(known, self.unknown_value)

    def saturated(self, depth: Tensor) -> Tensor:
        """Tell which depths are too near to be told apart.

        Args:
            depth: Metres, any shape.

        Returns:
            Tensor: bool, like ``depth``: known, and cut to the greatest disparity.
        """
        depth, known = depth.float(), is_known(depth)
        too_near = depth <= self.clip[0]
        if self.max_disparity is not None:
            disparity = self._disparity(depth.where(known, 1.0))
            too_near |= disparity >= self.max_disparity
        return known & too_near

    def _disparity(self, depth: Tensor) -> Tensor:
        scaled = self.depth_scale * depth.clamp(*self.clip)
        return self.baseline * self.fx / scaled

    @staticmethod
    def _resize(images: Tensor, size: tuple[int, int]) -> Tensor:
        return F.interpolate(
            images,
            size=tuple(size),
            mode='bilinear',
            align_corners=False,
            antialias=True,
        )


def is_known(depth: Tensor) -> Tensor:
    """Return where depth in metres is known, bool like ``depth``."""
    return torch.isfinite(depth) & (depth > 0)
