"""Stems of ImageBind: from pixels to the tokens of a trunk."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ImageBindVisionStem(nn.Module):
    """A 3D patch convolution over an image repeated as a clip.

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


class ImageBindPreprocessor(nn.Module):
    """Patch stem, CLS token and learned position embedding.

    Args:
        stem: Patch embedding, ``[N, c, H, W]`` to ``[N, L, C]``.
        stem_name: Attribute name of the stem, part of the official keys
            (``rgbt_stem`` or ``depth_stem``).
        embed_dims: Channels C.
        grid_size: Rows and columns of patches the position embedding is made for.
    """

    def __init__(
        self,
        stem: nn.Module,
        stem_name: str,
        embed_dims: int,
        grid_size: tuple[int, int],
    ) -> None:
        super().__init__()
        self.stem_name = stem_name
        self.grid_size = grid_size
        num_tokens = 1 + grid_size[0] * grid_size[1]
        scale = embed_dims**-0.5
        self.cls_token = nn.Parameter(scale * torch.randn(1, 1, embed_dims))
        # The official key is pos_embedding_helper.pos_embed.
        self.pos_embedding_helper = nn.ParameterDict(
            {'pos_embed': nn.Parameter(scale * torch.randn(1, num_tokens, embed_dims))}
        )
        self.add_module(stem_name, stem)

    def position_embedding(self, grid_size: tuple[int, int]) -> Tensor:
        """Position embedding for a grid of patches.

        Args:
            grid_size: Rows and columns of patches.

        Returns:
            Tensor: ``[1, 1 + rows * columns, C]``. Where the grid differs from the
            one the embedding was made for, its patch part is interpolated
            bicubically; the CLS part stays.
        """
        embedding = self.pos_embedding_helper['pos_embed']
        if tuple(grid_size) == tuple(self.grid_size):
            return embedding
        patches = embedding[:, 1:].unflatten(1, self.grid_size)  # [1, h, w, C]
        patches = F.interpolate(
            patches.permute(0, 3, 1, 2).float(),
            size=tuple(grid_size),
            mode='bicubic',
            align_corners=False,
        )
        patches = patches.flatten(2).transpose(1, 2).to(embedding.dtype)
        return torch.cat([embedding[:, :1], patches], dim=1)

    def forward(self, images: Tensor, grid_size: tuple[int, int]) -> Tensor:
        """Make tokens.

        Args:
            images: ``[N, c, H, W]``.
            grid_size: Rows and columns of patches in ``images``.

        Returns:
            Tensor: ``[N, 1 + rows * columns, C]``, CLS first.
        """
        patches = getattr(self, self.stem_name)(images)
        cls_token = self.cls_token.to(patches.dtype).expand(len(patches), -1, -1)
        tokens = torch.cat([cls_token, patches], dim=1)
        return tokens + self.position_embedding(grid_size).to(tokens.dtype)
