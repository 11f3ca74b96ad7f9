"""Base class of token mergings: embeddings of time and place."""

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.utils.checkpoint_file import load_part

from .fourier_embedding import FourierEmbedding


class BaseTokenMerging(BaseModule):
    """Adds to tokens when and where they are.

    Args:
        embed_dims: Channels C of the features.
        time_embedding: Add an embedding of mean, first and last frame time.
        position_embedding: Add an embedding of the centroid (x, y).
        num_frequencies: See :class:`FourierEmbedding`.
        checkpoint: Weights to begin with (``safetensors``, ``token_merging.*``), loaded
            by :meth:`init_weights`; None begins with random ones.
        init_cfg: mmengine's initialisation config.
    """

    def __init__(
        self,
        embed_dims: int,
        time_embedding: bool = True,
        position_embedding: bool = True,
        num_frequencies: int = 8,
        checkpoint: str | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.checkpoint = checkpoint
        self.time_embedding = self.position_embedding = None
        if time_embedding:
            self.time_embedding = FourierEmbedding(3, embed_dims, num_frequencies)
        if position_embedding:
            self.position_embedding = FourierEmbedding(2, embed_dims, num_frequencies)

    def init_weights(self) -> None:
        """Load the checkpoint, if there is one.

        Raises:
            InputError: Its weights are not those of this merging's embeddings.
        """
        super().init_weights()
        if self.checkpoint is not None:
            load_part(self, self.checkpoint, 'token_merging.')

    def embed(self, tokens: Tensor, times: Tensor, positions: Tensor) -> Tensor:
        """Add the configured embeddings.

        Args:
            tokens: ``[..., C]``.
            times: ``[..., 3]`` mean, start and end in 0..1 of the video.
            positions: ``[..., 2]`` centroid x and y in 0..1 of the image.

        Returns:
            Tensor: Like ``tokens``.
        """
        if self.time_embedding is not None:
            tokens = tokens + self.time_embedding(times).to(tokens.dtype)
        if self.position_embedding is not None:
            tokens = tokens + self.position_embedding(positions).to(tokens.dtype)
        return tokens

    @staticmethod
    def patch_centers(features: Tensor) -> Tensor:
        """Centres of the patches of a feature map.

        Args:
            features: ``[..., h, w, C]``.

        Returns:
            Tensor: ``[h * w, 2]`` x and y in 0..1, row by row.
        """
        height, width = features.shape[-3:-1]
        rows = (torch.arange(height, device=features.device) + 0.5) / height
        columns = (torch.arange(width, device=features.device) + 0.5) / width
        y, x = torch.meshgrid(rows, columns, indexing='ij')
        return torch.stack([x, y], dim=-1).flatten(0, 1)
