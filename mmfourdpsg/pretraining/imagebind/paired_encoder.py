"""RGB and depth features of single frames on a common grid."""

from torch import Tensor

from mmfourdpsg.models.scene_encoders import FrameEncoder


class PairedEncoder(FrameEncoder):
    """The two encoders of a :class:`SceneEncoder` for single frames, to be trained.

    Args:
        rgb_encoder: Config of e.g. :class:`ImageBindVisionEncoder`.
        depth_encoder: Config of e.g. :class:`ImageBindDepthEncoder`.
        depth_to_disparity: Config of :class:`DepthToDisparity`.
    """

    def __init__(
        self, rgb_encoder: dict, depth_encoder: dict, depth_to_disparity: dict
    ) -> None:
        super().__init__(
            rgb_encoder, depth_encoder, depth_to_disparity, frozen_encoders=False
        )

    def forward(self, rgb: Tensor, depth: Tensor) -> tuple[Tensor, Tensor]:
        """Encode frames one by one.

        Args:
            rgb: uint8 ``[F, 3, H, W]``.
            depth: float ``[F, H, W]`` metres, 0 = unknown.

        Returns:
            tuple[Tensor, Tensor]: ``[F, gh, gw, C]`` of RGB, ``[F, gh, gw, D]`` of
            depth, resized to the RGB encoder's grid if need be.
        """
        return self.encode_rgb(rgb[None])[0], self.encode_depth(depth[None])[0]
