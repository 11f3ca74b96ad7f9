"""Scene encoder: from RGB-D frames to the tokens of the language model."""

from collections.abc import Sequence

from torch import Tensor

from mmfourdpsg.registry import MODELS

from .frame_encoder import FrameEncoder, FrameFeatures


@MODELS.register_module()
class SceneEncoder(FrameEncoder):
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
        feature_cache: Config of the :class:`FeatureCache` that keeps their features;
            None encodes each frame whenever it comes.
        keep_ratio: See :class:`FrameEncoder`.
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
        feature_cache: dict | None = None,
        keep_ratio: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            rgb_encoder,
            depth_encoder,
            depth_to_disparity,
            frozen_encoders,
            feature_cache,
            keep_ratio,
            init_cfg,
        )
        channels = dict(
            rgb_channels=self.rgb_encoder.embed_dims,
            depth_channels=self.depth_encoder.embed_dims,
        )
        self.aggregator = MODELS.build({**channels, **aggregator})
        self.token_merging = MODELS.build(
            {'embed_dims': self.embed_dims, **token_merging}
        )

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
        self,
        rgb: Tensor,
        depth: Tensor,
        frame_mask: Tensor,
        frame_times: Tensor,
        img_shapes: Sequence[tuple[int, int]] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Encode a batch of videos.

        A frame without one known depth value counts as RGB alone.

        Args:
            rgb: uint8 ``[B, T, 3, H, W]``.
            depth: float ``[B, T, H, W]`` metres, 0 = unknown.
            frame_mask: bool ``[B, T]``, False = padding.
            frame_times: ``[B, T]`` in 0..1 of the video.
            img_shapes: Rows and columns ``(h, w)`` of each video that are not padding;
                None takes all.

        Returns:
            tuple[Tensor, Tensor]: Tokens ``[B, L, C]`` and their bool mask.
        """
        frames = self.encode_frames(rgb, depth, frame_mask, img_shapes)
        return self.fuse(frames, frame_mask, frame_times)

    def fuse(
        self, frames: FrameFeatures, frame_mask: Tensor, frame_times: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Make tokens of patch features, encoded or transcended ones.

        Args:
            frames: Features of a batch of scenes.
            frame_mask: bool ``[B, T]``, False = padding.
            frame_times: ``[B, T]`` in 0..1 of the video.

        Returns:
            tuple[Tensor, Tensor]: Tokens ``[B, L, C]`` and their bool mask.
        """
        features = self.aggregate(frames.rgb, frames.depth, frames.has_depth)
        return self.merge(features, frame_mask, frame_times)
