"""Proposal of pairs from the matrix of all similarities of subjects and objects."""

from itertools import pairwise

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS

from .pair_proposal import max_over_frames


@MODELS.register_module()
class PairMatrixProposal(BaseModule):
    """Scores ordered pairs by a small network on the matrix of their cosines.

    Source: Wang et al., "Pair then relation: Pair-Net for panoptic scene graph
    generation" (TPAMI 2024), section 3.2.

    Args:
        embed_dims: Channels ``C`` of an object.
        hidden_channels: Channels of the network on the matrix.
        kernel_size: Rows and columns that one of its layers sees.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        embed_dims: int,
        hidden_channels: int = 64,
        kernel_size: int = 7,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)

        def perceptron() -> nn.Sequential:
            return nn.Sequential(
                nn.Linear(embed_dims, embed_dims),
                nn.ReLU(),
                nn.Linear(embed_dims, embed_dims),
            )

        self.subjects, self.objects = perceptron(), perceptron()
        sizes = [1, hidden_channels, hidden_channels]
        layers: list[nn.Module] = []
        for inner, outer in pairwise(sizes):
            layers += [nn.Conv2d(inner, outer, kernel_size, padding='same'), nn.ReLU()]
        self.layers = nn.Sequential(
            *layers, nn.Conv2d(hidden_channels, 1, kernel_size, padding='same')
        )

    def forward(self, subjects: Tensor, objects: Tensor, present: Tensor) -> Tensor:
        """Score.

        Args:
            subjects: Features of the objects as subjects, ``[N, T, C]``.
            objects: Features of the objects as objects, ``[N, T, C]``.
            present: bool ``[N, T]``, where an object is there.

        Returns:
            Tensor: Logits ``[N, N]``, of subject (row) and object (column).
        """
        first, second = (
            F.normalize(layers(max_over_frames(x, present[..., None])), dim=-1)
            for layers, x in ((self.subjects, subjects), (self.objects, objects))
        )  # [N, C]
        if not len(first):
            return first @ second.T
        return self.layers((first @ second.T)[None, None])[0, 0]
