"""Proposal of pairs: which objects are related at all."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class PairProposal(BaseModule):
    """Scores ordered pairs by the strongest features of both in the whole video.

    Shapes: ``N`` objects, ``T`` frames, ``C`` channels.

    Args:
        embed_dims: ``C``.
        hidden_channels: Hidden channels of the perceptron.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        embed_dims: int,
        hidden_channels: int = 1024,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.layers = nn.Sequential(
            nn.Linear(2 * embed_dims, hidden_channels),
            nn.ReLU(),
            nn.Linear(hidden_channels, 1),
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
            max_over_frames(x, present[..., None]) for x in (subjects, objects)
        )  # [N, C]
        count = len(first)
        pairs = torch.cat(
            [
                first[:, None].expand(-1, count, -1),
                second[None].expand(count, -1, -1),
            ],
            dim=-1,
        )  # [N, N, 2C]
        return self.layers(pairs).squeeze(-1)


def max_over_frames(x: Tensor, mask: Tensor) -> Tensor:
    """Return the greatest value of some frames, 0 where there are none.

    Args:
        x: ``[B, T, C]``.
        mask: bool ``[B, T, 1]``, which frames count.

    Returns:
        Tensor: ``[B, C]``.
    """
    if x.shape[1] == 0:
        return x.new_zeros(len(x), x.shape[2])
    least = torch.finfo(x.dtype).min
    return x.where(mask, least).amax(dim=1).where(mask.any(dim=1), 0.0)
