"""Frame encoder: from RGB-D frames to patch features."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS, TASK_UTILS

from .frame_fitting import fitted_size, patches_of_frame


class FrameFeatures(NamedTuple):
    """Patch features of the frames of a batch of scenes.

    Attributes:
        rgb: ``[B, T, gh, gw, C]``.
        depth: ``[B, T, gh, gw, D]``.
        has_depth: bool ``[B, T]``, where depth is known.
    """

    rgb: Tensor
    depth: Tensor
    has_depth: Tensor


@MODELS.register_module()
class FrameEncoder(BaseModule):
    """Encodes RGB and depth frame by frame, on one grid of patches.

    Args:
        rgb_encoder: Config of e.g. :class:`ImageBindVisionEncoder`.
        depth_encoder: Config of e.g. :class:`ImageBindDepthEncoder`.
        depth_to_disparity: Config of :class:`DepthToDisparity`; the camera's
            values are the data set's.
        frozen_encoders: Run both encoders without gradients, in inference mode.
        feature_cache: Config of the :class:`FeatureCache` that keeps their features;
            None encodes each frame whenever it comes.
        keep_ratio: Encode frames at their own aspect ratio, both modalities in the same
            way, see :mod:`.frame_fitting`. False stretches them to the encoders' input.
        init_cfg: mmengine's initialisation config.

    Raises:
        ValueError: There is a feature cache and the encoders are not frozen.

    Shape legend:
        B samples, T frames, H x W pixels, gh x gw patches of the common grid (the
        RGB encoder's), C RGB channels, D depth channels.
    """

    def __init__(
        self,
        rgb_encoder: dict,
        depth_encoder: dict,
        depth_to_disparity: dict,
        frozen_encoders: bool = True,
        feature_cache: dict | None = None,
        keep_ratio: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.keep_ratio = keep_ratio
        if feature_cache is not None and not frozen_encoders:
            raise ValueError(
                'feature_cache is set and frozen_encoders is False, expected encoders '
                'whose features stay what they are'
            )
        self.feature_cache = None
        if feature_cache is not None:
            self.feature_cache = TASK_UTILS.build(feature_cache)
        # Where weights come from does not matter to what they make of a frame.
        self._settings = {
            'rgb': _without_checkpoint(rgb_encoder),
            'depth': {
                **_without_checkpoint(depth_encoder),
                'depth_to_disparity': dict(depth_to_disparity),
            },
        }
        self.rgb_encoder = MODELS.build(rgb_encoder)
        self.depth_encoder = MODELS.build(depth_encoder)
        self.depth_to_disparity = MODELS.build(depth_to_disparity)
        if frozen_encoders:
            self.rgb_encoder.freeze()
            self.depth_encoder.freeze()

    @property
    def embed_dims(self) -> int:
        """RGB channels C."""
        return self.rgb_encoder.embed_dims

    @property
    def feature_sizes(self) -> dict:
        """``rgb_channels``, ``depth_channels`` and ``grid_size`` of the features."""
        return dict(
            rgb_channels=self.rgb_encoder.embed_dims,
            depth_channels=self.depth_encoder.embed_dims,
            grid_size=self.grid_size,
        )

    @property
    def grid_size(self) -> tuple[int, int]:
        """Rows and columns of the common grid."""
        return self.rgb_encoder.grid_size

    def encode_rgb(
        self,
        rgb: Tensor,
        frame_mask: Tensor | None = None,
        img_shapes: Sequence[tuple[int, int]] | None = None,
    ) -> Tensor:
        """Encode RGB frames, each on its own.

        Args:
            rgb: uint8 ``[B, T, 3, H, W]``.
            frame_mask: bool ``[B, T]``; only True frames are computed. None takes
                all.
            img_shapes: Rows and columns ``(h, w)`` of each sample that are not
                padding; None takes all.

        Returns:
            Tensor: ``[B, T, gh, gw, C]``, zero where not computed.
        """
        return self._encode(
            rgb, frame_mask, img_shapes, self._encode_rgb_frames, self.embed_dims
        )

    def encode_depth(
        self,
        depth: Tensor,
        frame_mask: Tensor | None = None,
        img_shapes: Sequence[tuple[int, int]] | None = None,
    ) -> Tensor:
        """Encode depth frames, each on its own, on the common grid.

        Args:
            depth: float ``[B, T, H, W]`` metres, 0 = unknown.
            frame_mask: bool ``[B, T]``; only True frames are computed. None takes
                all.
            img_shapes: Rows and columns ``(h, w)`` of each sample that are not
                padding; None takes all.

        Returns:
            Tensor: ``[B, T, gh, gw, D]``, zero where not computed.
        """
        channels = self.depth_encoder.embed_dims
        return self._encode(
            depth, frame_mask, img_shapes, self._encode_depth_frames, channels
        )

    def encode_frames(
        self,
        rgb: Tensor,
        depth: Tensor,
        frame_mask: Tensor,
        img_shapes: Sequence[tuple[int, int]] | None = None,
        modalities: Collection[str] = ('rgb', 'depth'),
    ) -> FrameFeatures:
        """Encode both modalities, or one.

        A frame without one known depth value counts as RGB alone.

        Args:
            rgb: uint8 ``[B, T, 3, H, W]``.
            depth: float ``[B, T, H, W]`` metres, 0 = unknown.
            frame_mask: bool ``[B, T]``, False = padding.
            img_shapes: Rows and columns ``(h, w)`` of each sample that are not
                padding; None takes all.
            modalities: ``rgb``, ``depth`` or both; the features of the other are zero.
        """
        has_depth = (depth > 0).flatten(2).any(dim=2) & frame_mask  # [B, T]
        encoded = dict(rgb=frame_mask, depth=has_depth)
        for name in set(encoded).difference(modalities):
            encoded[name] = torch.zeros_like(frame_mask)
        return FrameFeatures(
            self.encode_rgb(rgb, encoded['rgb'], img_shapes),
            self.encode_depth(depth, encoded['depth'], img_shapes),
            has_depth,
        )

    def _encode(self, frames, frame_mask, img_shapes, encode, channels) -> Tensor:
        if frame_mask is None:
            frame_mask = frames.new_ones(frames.shape[:2], dtype=torch.bool)
        if img_shapes is None:
            img_shapes = [tuple(frames.shape[-2:])] * len(frames)
        # A frame is stretched to the encoder's input, its padding must not be. Samples
        # of one shape go through the encoder at once.
        groups: dict[tuple[int, int], list[int]] = {}
        for row, shape in enumerate(img_shapes):
            groups.setdefault(tuple(shape), []).append(row)
        if len(groups) == 1:
            (height, width), _ = groups.popitem()
            return self._encode_masked(
                frames[..., :height, :width], frame_mask, encode, channels
            )
        parts = [
            self._encode_masked(
                frames[rows][..., :height, :width], frame_mask[rows], encode, channels
            )
            for (height, width), rows in groups.items()
        ]
        order = [row for rows in groups.values() for row in rows]
        return torch.cat(parts)[torch.tensor(order).argsort()]

    def _encode_masked(self, frames, frame_mask, encode, channels) -> Tensor:
        selected = frames[frame_mask]  # [F, ...]
        shape = (*frame_mask.shape, *self.grid_size, channels)
        if len(selected) == 0:
            return frames.new_zeros(shape, dtype=torch.float32)
        encoded = encode(selected)  # [F, gh, gw, channels]
        return encoded.new_zeros(shape).index_put((frame_mask,), encoded)

    def _encode_rgb_frames(self, frames: Tensor) -> Tensor:
        return self._cached(frames, 'rgb', self.rgb_encoder, self._compute_rgb)

    def _encode_depth_frames(self, frames: Tensor) -> Tensor:
        return self._cached(frames, 'depth', self.depth_encoder, self._compute_depth)

    def _cached(self, frames: Tensor, name: str, encoder, compute) -> Tensor:
        if self.feature_cache is None:
            return compute(frames)
        settings = {**self._settings[name], 'grid_size': self.grid_size}
        if self.keep_ratio:
            settings['keep_ratio'] = True
        return self.feature_cache.encode(frames, name, encoder, settings, compute)

    def _compute_rgb(self, frames: Tensor) -> Tensor:
        images = frames.float() / 255
        if self.keep_ratio:
            return self._encode_fitted(self.rgb_encoder, images, frames.shape[-2:])
        return self.rgb_encoder(images)

    def _compute_depth(self, frames: Tensor) -> Tensor:
        size = self.depth_encoder.input_size
        if self.keep_ratio:
            fitted = fitted_size(tuple(frames.shape[-2:]), size)
            disparity = self.depth_to_disparity(frames, fitted)
            return self._encode_fitted(self.depth_encoder, disparity, frames.shape[-2:])
        disparity = self.depth_to_disparity(frames, size)
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

    def _encode_fitted(self, encoder, images: Tensor, shape) -> Tensor:
        """Encode images ``[F, c, h, w]`` of frames of a shape at its aspect ratio."""
        features = encoder(images, keep_ratio=True)  # [F, h', w', channels]
        size = encoder.input_size
        fitted = fitted_size(tuple(shape), size)
        return patches_of_frame(features, fitted, size, self.grid_size)


def _without_checkpoint(config: dict) -> dict:
    return {key: value for key, value in config.items() if key != 'checkpoint'}
