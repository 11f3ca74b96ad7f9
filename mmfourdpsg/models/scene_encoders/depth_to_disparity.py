"""Depth in metres as ImageBind's depth encoder wants it."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class DepthToDisparity(nn.Module):
    """Metres to normalised disparity.

    ImageBind takes disparity = baseline * fx / depth. The camera's fx and baseline
    belong to the data set, so they are configuration; so are the statistics, since
    the official preprocessing was never released (the defaults follow Omnivore's,
    with the Kinect's baseline and fx at 640 x 480).

    Args:
        fx: Focal length in pixels of the original frames.
        baseline: Metres between the two views of the (virtual) stereo pair.
        clip: Smallest and largest depth in metres; nearer and farther is clipped.
        max_disparity: Disparity in pixels is capped to this and divided by it;
            None does neither.
        mean: Subtracted from the scaled disparity.
        std: Divides it after that.
        unknown_value: What the network sees where depth is unknown. After
            normalisation 0 is the mean disparity.
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
    ) -> None:
        super().__init__()
        if not (fx > 0 and baseline > 0 and std > 0 and 0 < clip[0] < clip[1]):
            raise ValueError(
                'fx, baseline, std must be positive and clip ascending and positive; '
                f'got {fx}, {baseline}, {std}, {tuple(clip)}'
            )
        self.fx = fx
        self.baseline = baseline
        self.clip = tuple(clip)
        self.max_disparity = max_disparity
        self.mean = mean
        self.std = std
        self.unknown_value = unknown_value

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
        known = torch.isfinite(depth) & (depth > 0)
        disparity = self.baseline * self.fx / depth.where(known, 1.0).clamp(*self.clip)
        if self.max_disparity is not None:
            disparity = disparity.clamp(max=self.max_disparity) / self.max_disparity
        if size is not None and tuple(size) != tuple(depth.shape[-2:]):
            weight = self._resize(known.float(), size)
            disparity = self._resize(disparity * known, size)
            known = weight >= 0.5
            disparity = disparity / weight.where(known, 1.0)
        normalised = (disparity - self.mean) / self.std
        return normalised.where(known, self.unknown_value)

    @staticmethod
    def _resize(images: Tensor, size: tuple[int, int]) -> Tensor:
        return F.interpolate(
            images,
            size=tuple(size),
            mode='bilinear',
            align_corners=False,
            antialias=True,
        )
