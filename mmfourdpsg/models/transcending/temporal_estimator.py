"""F_rte and F_dte: features of the frames to come."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS

from .block_causal_transformer import BlockCausalTransformer, KeyValueCache


@MODELS.register_module()
class TemporalEstimator(BaseModule):
    """Predicts the patch features of each next frame from all frames so far.

    Eq. 3 of the paper, ``prod_j F(H_j | H_<j, H_0)``: frame ``j + 1`` is read off
    behind the patches of frame ``j``, which see frame 0 and every frame up to ``j``.
    What is predicted is the change from frame ``j``, which begins at none, since most
    of a scene stays.

    The core of ``E`` channels is the same for RGB and depth; projections into and out
    of it are a modality's own.

    Shapes: ``B`` videos, ``T`` frames, ``gh`` x ``gw`` patches, ``C`` channels.

    Args:
        in_channels: Channels ``C`` of the features.
        grid_size: Rows and columns of patches.
        embed_dims: Channels ``E`` of the core.
        num_layers: Layers of the core.
        num_heads: Attention heads of the core.
        max_frames: Most frames of a video.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        in_channels: int,
        grid_size: tuple[int, int],
        embed_dims: int = 512,
        num_layers: int = 6,
        num_heads: int = 8,
        max_frames: int = 64,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.max_frames = max_frames
        self.input_norm = nn.LayerNorm(in_channels)
        self.input_projection = nn.Linear(in_channels, embed_dims)
        self.core = nn.Module()
        self.core.transformer = BlockCausalTransformer(
            embed_dims, num_layers, num_heads
        )
        self.core.space_embedding = nn.Parameter(torch.zeros(*grid_size, embed_dims))
        self.core.time_embedding = nn.Parameter(torch.zeros(max_frames, embed_dims))
        for parameter in (self.core.space_embedding, self.core.time_embedding):
            nn.init.trunc_normal_(parameter, std=0.02)
        self.output_projection = nn.Linear(embed_dims, in_channels)
        nn.init.zeros_(self.output_projection.weight)
        nn.init.zeros_(self.output_projection.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Predict each next frame from gold frames (teacher forcing).

        Args:
            features: Gold features ``[B, T, gh, gw, C]``; padding is at the end.

        Returns:
            Tensor: Frames 1 to T as predicted ``[B, T, gh, gw, C]``; frame ``j + 1``
            at place ``j``.

        Raises:
            ValueError: There are more than ``max_frames`` frames.
        """
        return self._step(features, 0, None)[0]

    def roll_out(self, features: Tensor, num_steps: int) -> Tensor:
        """Predict frames one after the other from those predicted before.

        Args:
            features: Gold features of the first frames ``[B, T, gh, gw, C]``.
            num_steps: How many frames to predict.

        Returns:
            Tensor: ``[B, num_steps, gh, gw, C]``, the frames after the gold ones.

        Raises:
            ValueError: There would be more than ``max_frames`` frames before the last.
        """
        if num_steps < 1:
            return features[:, :0]
        first = features.shape[1]
        predicted, cache = self._step(features, 0, None)
        frames = [predicted[:, -1:]]
        for step in range(num_steps - 1):
            predicted, cache = self._step(frames[-1], first + step, cache)
            frames.append(predicted)
        return torch.cat(frames, dim=1)

    def init_core_from(self, other: 'TemporalEstimator') -> None:
        """Take over another estimator's core, as F_dte does F_rte's (Eq. 5)."""
        self.core.load_state_dict(other.core.state_dict())

    def _step(
        self, features: Tensor, start: int, cache: list[KeyValueCache] | None
    ) -> tuple[Tensor, list[KeyValueCache]]:
        end = start + features.shape[1]
        if end > self.max_frames:
            raise ValueError(
                f'there are {end} frames, expected at most {self.max_frames}'
            )
        times = self.core.time_embedding[start:end, None, None]  # [T, 1, 1, E]
        given = features.to(self.input_norm.weight.dtype)
        tokens = self.input_projection(self.input_norm(given))
        tokens = tokens + self.core.space_embedding + times  # [B, T, gh, gw, E]
        hidden, cache = self.core.transformer(tokens.flatten(2, 3), cache)
        change = self.output_projection(hidden).view_as(features)
        # In bfloat16 small changes would be rounded away, and that frame after frame.
        wide = torch.promote_types(features.dtype, torch.float32)
        return features.to(wide) + change, cache
