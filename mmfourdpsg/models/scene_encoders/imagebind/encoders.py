"""ImageBind's vision and depth encoders as registered components."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS

from ..frame_fitting import fitted_size, pad_evenly
from .checkpoint import load_imagebind_checkpoint
from .stems import ImageBindDepthStem, ImageBindPreprocessor, ImageBindVisionStem
from .trunk import ImageBindTrunk


class ImageBindEncoder(BaseModule):
    """Patch features of one ImageBind modality.

    Source: Girdhar et al., "ImageBind: One Embedding Space To Bind Them All"
    (CVPR 2023). State-dict keys are those of the official checkpoint. The output
    is the trunk's, after the head's LayerNorm, without CLS.

    Args:
        modality: ``'vision'`` or ``'depth'``.
        stem: Patch embedding.
        stem_name: See :class:`ImageBindPreprocessor`.
        trunk: The transformer.
        embed_dims: Channels C.
        patch_size: Side of a patch in pixels.
        image_size: Side in pixels of the images the position embedding is made
            for (224 in the official checkpoint).
        input_size: Height and width at which images are encoded; a number means a
            square. Other sizes than ``image_size`` interpolate the position
            embedding. Defaults to ``image_size``.
        checkpoint: Path of a checkpoint that :meth:`init_weights` loads strictly.
        frozen: See :meth:`freeze`.
        init_cfg: mmengine's initialisation config.

    Raises:
        ValueError: If a size is no multiple of the patch size.
    """

    def __init__(
        self,
        modality: str,
        stem: nn.Module,
        stem_name: str,
        trunk: ImageBindTrunk,
        embed_dims: int,
        patch_size: int,
        image_size: int,
        input_size: int | tuple[int, int] | None = None,
        checkpoint: str | None = None,
        frozen: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if input_size is None:
            input_size = image_size
        if isinstance(input_size, int):
            input_size = (input_size, input_size)
        if any(size % patch_size for size in (image_size, *input_size)):
            raise ValueError(
                f'image_size ({image_size}) and input_size ({input_size}) must be '
                f'multiples of patch_size ({patch_size})'
            )
        self.modality = modality
        self.embed_dims = embed_dims
        self.patch_size = patch_size
        self.image_size = image_size
        self.input_size = tuple(input_size)
        self.checkpoint = checkpoint
        self.frozen = False
        side = image_size // patch_size
        preprocessor = ImageBindPreprocessor(stem, stem_name, embed_dims, (side, side))
        head = nn.Sequential(nn.LayerNorm(embed_dims, eps=1e-6))
        self.modality_preprocessors = nn.ModuleDict({modality: preprocessor})
        self.modality_trunks = nn.ModuleDict({modality: trunk})
        self.modality_heads = nn.ModuleDict({modality: head})
        if frozen:
            self.freeze()

    @property
    def grid_size(self) -> tuple[int, int]:
        """Rows and columns of patches at the input size."""
        return tuple(size // self.patch_size for size in self.input_size)

    def freeze(self) -> None:
        """Stop training: no gradients, and inference mode even after ``train()``."""
        self.frozen = True
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> 'ImageBindEncoder':
        """Set training mode, unless the encoder is frozen."""
        return super().train(mode and not self.frozen)

    def init_weights(self) -> None:
        """Load ``checkpoint`` if there is one, else follow ``init_cfg``.

        Raises:
            InputError: If the checkpoint does not fit exactly.
        """
        if self.checkpoint is None:
            super().init_weights()
            return
        load_imagebind_checkpoint(self, self.modality, self.checkpoint)
        self._is_init = True

    def forward(self, images: Tensor, keep_ratio: bool = False) -> Tensor:
        """Encode images one by one.

        Args:
            images: ``[N, c, H, W]``, prepared for the network. Sizes other than
                ``input_size`` are resized with antialiased bilinear interpolation.
            keep_ratio: Fit images into the input with zeros around them, which is the
                mean of either modality, in place of stretching them.

        Returns:
            Tensor: ``[N, gh, gw, C]`` patch features of the whole input,
            ``gh x gw = grid_size``.
        """
        size = self.input_size
        if keep_ratio:
            size = fitted_size(tuple(images.shape[-2:]), size)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            if tuple(images.shape[-2:]) != size:
                images = F.interpolate(
                    images,
                    size=size,
                    mode='bilinear',
                    align_corners=False,
                    antialias=True,
                )
            if size != self.input_size:
                images = pad_evenly(images, self.input_size)
            tokens = self.modality_preprocessors[self.modality](images, self.grid_size)
            tokens = self.modality_trunks[self.modality](tokens)  # [N, 1 + L, C]
            # The head's LayerNorm acts on each token alone, so CLS may go first.
            patches = self.modality_heads[self.modality](tokens[:, 1:])
            return patches.unflatten(1, self.grid_size)


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
