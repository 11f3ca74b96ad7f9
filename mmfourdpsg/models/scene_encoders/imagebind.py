"""ImageBind's vision and depth encoders as registered components."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmfourdpsg.registry import MODELS

from .imagebind_encoder import ImageBindEncoder
from .imagebind_stems import ImageBindDepthStem, ImageBindVisionStem
from .imagebind_trunk import ImageBindTrunk


@MODELS.register_module()
class ImageBindVisionEncoder(ImageBindEncoder):
    """Vision modality; the defaults are those of ``imagebind_huge``.

    Args:
        embed_dims: Channels C.
        num_blocks: Transformer blocks.
        num_heads: Attention heads.
        patch_size: Side of a patch in pixels.
        image_size: Side in pixels the position embedding is made for.
        num_stem_frames: Temporal size of the stem; an image is repeated that often.
        mean: Per channel, of RGB in 0..1 (CLIP's statistics).
        std: Likewise.
        drop_path_rate: See :class:`ImageBindTrunk`.
        gradient_checkpointing: See :class:`ImageBindTrunk`.
        **kwargs: ``input_size``, ``checkpoint``, ``frozen``, ``init_cfg`` of
            :class:`ImageBindEncoder`.
    """

    def __init__(
        self,
        embed_dims: int = 1280,
        num_blocks: int = 32,
        num_heads: int = 16,
        patch_size: int = 14,
        image_size: int = 224,
        num_stem_frames: int = 2,
        mean: Sequence[float] = (0.48145466, 0.4578275, 0.40821073),
        std: Sequence[float] = (0.26862954, 0.26130258, 0.27577711),
        drop_path_rate: float = 0.0,
        gradient_checkpointing: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(
            modality='vision',
            stem=ImageBindVisionStem(embed_dims, patch_size, num_stem_frames),
            stem_name='rgbt_stem',
            trunk=ImageBindTrunk(
                embed_dims,
                num_blocks,
                num_heads,
                pre_norm=True,
                drop_path_rate=drop_path_rate,
                gradient_checkpointing=gradient_checkpointing,
            ),
            embed_dims=embed_dims,
            patch_size=patch_size,
            image_size=image_size,
            **kwargs,
        )
        # Not persistent: the official checkpoint does not hold them.
        mean, std = torch.tensor(mean), torch.tensor(std)
        self.register_buffer('mean', mean.view(1, 3, 1, 1), persistent=False)
        self.register_buffer('std', std.view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor, keep_ratio: bool = False) -> Tensor:
        """Encode images.

        Args:
            images: ``[N, 3, H, W]`` RGB in 0..1, any size.
            keep_ratio: See :meth:`ImageBindEncoder.forward`.

        Returns:
            Tensor: ``[N, gh, gw, C]``.
        """
        # Normalising is affine per channel, so it commutes with the resize.
        return super().forward((images - self.mean) / self.std, keep_ratio)


@MODELS.register_module()
class ImageBindDepthEncoder(ImageBindEncoder):
    """Depth modality; the defaults are those of ``imagebind_huge``.

    Args:
        embed_dims: Channels C.
        num_blocks: Transformer blocks.
        num_heads: Attention heads.
        patch_size: Side of a patch in pixels.
        image_size: Side in pixels the position embedding is made for.
        drop_path_rate: See :class:`ImageBindTrunk`.
        gradient_checkpointing: See :class:`ImageBindTrunk`.
        **kwargs: ``input_size``, ``checkpoint``, ``frozen``, ``init_cfg`` of
            :class:`ImageBindEncoder`.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        num_blocks: int = 12,
        num_heads: int = 8,
        patch_size: int = 16,
        image_size: int = 224,
        drop_path_rate: float = 0.0,
        gradient_checkpointing: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(
            modality='depth',
            stem=ImageBindDepthStem(embed_dims, patch_size),
            stem_name='depth_stem',
            trunk=ImageBindTrunk(
                embed_dims,
                num_blocks,
                num_heads,
                add_bias_kv=True,
                drop_path_rate=drop_path_rate,
                gradient_checkpointing=gradient_checkpointing,
            ),
            embed_dims=embed_dims,
            patch_size=patch_size,
            image_size=image_size,
            **kwargs,
        )

    def forward(self, disparity: Tensor, keep_ratio: bool = False) -> Tensor:
        """Encode depth.

        Args:
            disparity: ``[N, 1, h, w]`` normalised disparity as made by
                :class:`DepthToDisparity`.
            keep_ratio: See :meth:`ImageBindEncoder.forward`.

        Returns:
            Tensor: ``[N, gh, gw, C]``.
        """
        return super().forward(disparity, keep_ratio)
