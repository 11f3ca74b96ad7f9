"""Patch embeddings of ImageBind's vision and depth modalities."""

import torch.nn.functional as F
from torch import Tensor, nn


class ImageBindVisionStem(nn.Module):
    """A 3D patch convolution over an image repeated as a still clip.

    ImageBind treats an image as a clip of ``num_frames`` equal frames. With equal
    frames the 3D convolution equals a 2D one whose kernel is the sum over time,
    which is what runs here; the parameter keeps the official 5D shape.

    Args:
        embed_dims: Output channels C.
        patch_size: Side of a square patch in pixels.
        num_frames: Temporal size of the kernel.
        in_channels: Image channels.
    """

    def __init__(
        self,
        embed_dims: int,
        patch_size: int,
        num_frames: int = 2,
        in_channels: int = 3,
    ) -> None:
        super().__init__()
        kernel = (num_frames, patch_size, patch_size)
        convolution = nn.Conv3d(in_channels, embed_dims, kernel, kernel, bias=False)
        # Position 0 is the repetition, which has no weights; the key is proj.1.
        self.proj = nn.Sequential(nn.Identity(), convolution)

    def forward(self, images: Tensor) -> Tensor:
        """Embed patches.

        Args:
            images: ``[N, 3, H, W]``, H and W multiples of the patch size.

        Returns:
            Tensor: ``[N, H / P * W / P, C]``, row by row.
        """
        kernel = self.proj[1].weight.sum(dim=2)  # [C, 3, P, P]
        patches = F.conv2d(images, kernel, stride=kernel.shape[-2:])
        return patches.flatten(2).transpose(1, 2)


class ImageBindDepthStem(nn.Module):
    """A 2D patch convolution followed by a LayerNorm.

    Args:
        embed_dims: Output channels C.
        patch_size: Side of a square patch in pixels.
        in_channels: Image channels.
    """

    def __init__(self, embed_dims: int, patch_size: int, in_channels: int = 1) -> None:
        super().__init__()
        self.proj = nn.Conv2d(
            in_channels, embed_dims, patch_size, patch_size, bias=False
        )
        # This one has torch's default eps (1e-5), unlike the trunk's norms.
        self.norm_layer = nn.LayerNorm(embed_dims)

    def forward(self, images: Tensor) -> Tensor:
        """Embed patches.

        Args:
            images: ``[N, 1, H, W]``, H and W multiples of the patch size.

        Returns:
            Tensor: ``[N, H / P * W / P, C]``, row by row.
        """
        return self.norm_layer(self.proj(images).flatten(2).transpose(1, 2))
