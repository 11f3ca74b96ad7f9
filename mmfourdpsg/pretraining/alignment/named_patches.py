"""Patch tokens of objects that are in no scene."""

from typing import NamedTuple

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.models.scene_encoders.base_token_merging import BaseTokenMerging

from .name_embeddings import NameEmbeddings


class DrawnPatches(NamedTuple):
    """Patches of ``n`` objects.

    Attributes:
        tokens: ``[n, C]``, with the embeddings of time and place.
        names: ``n`` names.
        moments: ``[n]`` in 0..1 of the video.
        boxes: ``[n, 4]`` centres and sides of the objects in 0..1 of the image.
    """

    tokens: Tensor
    names: list[str]
    moments: Tensor
    boxes: Tensor


class NamedPatches(BaseModule):
    """Draws patches of objects with random names, moments and places.

    Where an image encoder and words share a space, what reads pictures can be fitted to
    words without a picture. Names are drawn evenly, which no data set does: in pictures
    most patches show the table.

    Args:
        names: File of :class:`NameEmbeddings`.
        noise: Factor of the spread around names and objects.
        min_scale: Features are multiplied by a factor between this and 1: the
            aggregator may weigh them down in favour of depth.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        names: str,
        noise: float = 1.0,
        min_scale: float = 0.4,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.names = NameEmbeddings(names)
        self.noise = noise
        self.min_scale = min_scale

    def draw(self, count: int, token_merging: BaseTokenMerging) -> DrawnPatches:
        """Return patches.

        Args:
            count: How many, ``n``.
            token_merging: Embeds their times and places.
        """
        device, known = self.names.means.device, list(self.names.names)
        names = [known[i] for i in torch.randint(len(known), (count,)).tolist()]
        features = self.names.draw_objects(names, self.noise)
        features = self.names.draw_patches(features, self.noise)
        low = self.min_scale
        features = features * (low + (1 - low) * torch.rand(count, 1, device=device))
        moments = torch.rand(count, device=device)
        sides = 0.05 + 0.45 * torch.rand(count, 2, device=device)
        centers = sides / 2 + (1 - sides) * torch.rand(count, 2, device=device)
        places = centers + (torch.rand(count, 2, device=device) - 0.5) * sides
        tokens = token_merging.embed(features, moments[:, None].expand(-1, 3), places)
        return DrawnPatches(tokens, names, moments, torch.cat([centers, sides], dim=1))
