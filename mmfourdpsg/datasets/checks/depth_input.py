"""Statistics of what a model's depth encoder gets of a data set's depth."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

# Beyond these the encoder was given nothing like what it learned.
_FAR_MEAN, _FAR_SHARE = 3.0, 0.05


@dataclass(frozen=True)
class DepthInputCounts:
    """Sums over known pixels of what goes into the depth encoder.

    Attributes:
        number: Known pixels.
        total: Sum of their normalised disparity.
        squares: Sum of its squares.
        saturated: Pixels so near that they have one value with all that is nearer.
    """

    number: int = 0
    total: float = 0.0
    squares: float = 0.0
    saturated: int = 0

    def __add__(self, other: 'DepthInputCounts') -> 'DepthInputCounts':
        return DepthInputCounts(
            self.number + other.number,
            self.total + other.total,
            self.squares + other.squares,
            self.saturated + other.saturated,
        )

    @property
    def mean(self) -> float:
        """Mean, about 0 where depth is as the encoder learned it."""
        return self.total / max(self.number, 1)

    @property
    def deviation(self) -> float:
        """Standard deviation."""
        square = self.squares / max(self.number, 1)
        return max(square - self.mean**2, 0.0) ** 0.5

    @property
    def saturated_share(self) -> float:
        """Share of known pixels that are saturated, 0 to 1."""
        return self.saturated / max(self.number, 1)

    def to_json(self) -> dict[str, float]:
        """Return what is printed, as JSON would have it."""
        return dict(
            mean=self.mean,
            deviation=self.deviation,
            saturated_share=self.saturated_share,
        )

    def to_text(self) -> str:
        """Return a line to read."""
        mean = round(self.mean, 2) + 0.0  # no -0.00
        far = abs(self.mean) > _FAR_MEAN or self.saturated_share > _FAR_SHARE
        return (
            f'the depth encoder gets: mean {mean:.2f}, deviation '
            f'{self.deviation:.2f} (in sigma), {self.saturated_share:.1%} saturated'
            + '; FAR from what it learned: is depth in metres, fx at 640 columns?'
            * far
        )


class DepthInput:
    """Counts what a model's depth preprocessing makes of depth.

    Args:
        convert: A :class:`mmfourdpsg.models.scene_encoders.DepthToDisparity`.
    """

    def __init__(self, convert: Callable) -> None:
        self.convert = convert

    @torch.no_grad()
    def __call__(self, depth: np.ndarray) -> DepthInputCounts:
        """Count the pixels of some frames, frame by frame.

        Args:
            depth: ``[T, H, W]`` metres, 0 = unknown.
        """
        counts = DepthInputCounts()
        for frame in depth:
            metres = torch.from_numpy(np.ascontiguousarray(frame, np.float32))[None]
            known = torch.isfinite(metres) & (metres > 0)
            values = self.convert(metres)[:, 0][known].double()
            counts += DepthInputCounts(
                len(values),
                float(values.sum()),
                float(values.square().sum()),
                int(self.convert.saturated(metres)[known].sum()),
            )
        return counts
