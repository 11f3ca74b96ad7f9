"""From RGB-D frames to the tokens that the language model reads."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class SceneEncoder(BaseModule):
    """Wires encoders, aggregator and token merging; holds no maths of its own.

    Source: the 4D-LLM paper, section 3.1. Sizes that follow from another part may
    be left out of the configs: ``rgb_channels`` and ``depth_channels`` of the
    aggregator, ``embed_dims`` of the token merging.

    Args:
        rgb_encoder: Config of e.g. :class:`ImageBindVisionEncoder`.
        depth_encoder: Config of e.g. :class:`ImageBindDepthEncoder`.
        depth_to_disparity: Config of :class:`DepthToDisparity`; the camera's
            values are the data set's.
        aggregator: Config of e.g. :class:`SAGate`.
        token_merging: Config of e.g. :class:`DPCKNNTokenMerging`.
        frozen_encoders: Run both encoders without gradients, in inference mode.
        init_cfg: mmengine's initialisation config.

    Shape legend:
        B samples, T frames, H x W pixels, gh x gw patches of the common grid (the
        RGB encoder's), C RGB channels, D depth channels, L tokens.
    """

    def __init__(
        self,
        rgb_encoder: dict,
        depth_encoder: dict,
        depth_to_disparity: dict,
        aggregator: dict,
        token_merging: dict,
        frozen_encoders: bool = True,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.rgb_encoder = MODELS.build(rgb_encoder)
        self.depth_encoder = MODELS.build(depth_encoder)
        self.depth_to_disparity = MODELS.build(depth_to_disparity)
        channels = dict(
            rgb_channels=self.rgb_encoder.embed_dims,
            depth_channels=self.depth_encoder.embed_dims,
        )
        self.aggregator = MODELS.build({**channels, **aggregator})
        self.token_merging = MODELS.build(
            {'embed_dims': self.rgb_encoder.embed_dims, **token_merging}
        )
        if frozen_encoders:
            self.rgb_encoder.freeze()
            self.depth_encoder.freeze()

    @property
    def embed_dims(self) -> int:
        """Channels C of the tokens."""
        return self.rgb_encoder.embed_dims

    @property
    def grid_size(self) -> tuple[int, int]:
        """Rows and columns of the common grid."""
        return self.rgb_encoder.grid_size

    def encode_rgb(self, rgb: Tensor, frame_mask: Tensor | None = None) -> Tensor:
        """Encode RGB frames, each on its own.

        Args:
            rgb: uint8 ``[B, T, 3, H, W]``.
            frame_mask: bool ``[B, T]``; only True frames are computed. None takes
                all.

        Returns:
            Tensor: ``[B, T, gh, gw, C]``, zero where not computed.
        """
        return self._encode(rgb, frame_mask, self._encode_rgb_frames, self.embed_dims)

    def encode_depth(self, depth: Tensor, frame_mask: Tensor | None = None) -> Tensor:
        """Encode depth frames, each on its own, on the common grid.

        Args:
            depth: float ``[B, T, H, W]`` metres, 0 = unknown.
            frame_mask: bool ``[B, T]``; only True frames are computed. None takes
                all.

        Returns:
            Tensor: ``[B, T, gh, gw, D]``, zero where not computed.
        """
        channels = self.depth_encoder.embed_dims
        return self._encode(depth, frame_mask, self._encode_depth_frames, channels)

    def aggregate(
        self, rgb_features: Tensor, depth_features: Tensor, has_depth: Tensor
    ) -> Tensor:
        """Fuse the modalities.

        Args:
            rgb_features: ``[B, T, gh, gw, C]``.
            depth_features: ``[B, T, gh, gw, D]``.
            has_depth: bool, ``[B]`` a sample or ``[B, T]`` a frame.

        Returns:
            Tensor: ``[B, T, gh, gw, C]``, the RGB features where has_depth is False.
        """
        return self.aggregator(rgb_features, depth_features, has_depth)

    def merge(
        self, features: Tensor, frame_mask: Tensor, frame_times: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Merge tokens in space and time.

        Args:
            features: ``[B, T, gh, gw, C]``.
            frame_mask: bool ``[B, T]``.
            frame_times: ``[B, T]`` in 0..1 of the video.

        Returns:
            tuple[Tensor, Tensor]: Tokens ``[B, L, C]`` and their bool mask.
        """
        return self.token_merging(features, frame_mask, frame_times)

    def forward(
        self, rgb: Tensor, depth: Tensor, frame_mask: Tensor, frame_times: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Encode a batch of videos.

        A frame without one known depth value counts as RGB alone.

        Args:
            rgb: uint8 ``[B, T, 3, H, W]``.
            depth: float ``[B, T, H, W]`` metres, 0 = unknown.
            frame_mask: bool ``[B, T]``, False = padding.
            frame_times: ``[B, T]`` in 0..1 of the video.

        Returns:
            tuple[Tensor, Tensor]: Tokens ``[B, L, C]`` and their bool mask.
        """
        has_depth = (depth > 0).flatten(2).any(dim=2) & frame_mask  # [B, T]
        rgb_features = self.encode_rgb(rgb, frame_mask)
        depth_features = self.encode_depth(depth, has_depth)
        features = self.aggregate(rgb_features, depth_features, has_depth)
        return self.merge(features, frame_mask, frame_times)

    def _encode(self, frames, frame_mask, encode, channels) -> Tensor:
        if frame_mask is None:
            return encode(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])
        selected = frames[frame_mask]  # [F, ...]
        shape = (*frame_mask.shape, *self.grid_size, channels)
        if len(selected) == 0:
            return frames.new_zeros(shape, dtype=torch.float32)
        encoded = encode(selected)  # [F, gh, gw, channels]
        return encoded.new_zeros(shape).index_put((frame_mask,), encoded)

    def _encode_rgb_frames(self, frames: Tensor) -> Tensor:
        return self.rgb_encoder(frames.float() / 255)

    def _encode_depth_frames(self, frames: Tensor) -> Tensor:
        disparity = self.depth_to_disparity(frames, self.depth_encoder.input_size)
        features = self.depth_encoder(disparity)  # [F, h', w', D]
        if tuple(features.shape[1:3]) == tuple(self.grid_size):
            return features
        features = F.interpolate(
            features.permute(0, 3, 1, 2),
            size=self.grid_size,
            mode='bilinear',
            align_corners=False,
        )
        return features.permute(0, 2, 3, 1)
