"""Patch features that are sampled from the names of objects."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.models.scene_encoders.base_token_merging import BaseTokenMerging
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import load_metadata, load_weights


class NameEmbeddings(BaseModule):
    """What an encoder's patch features are like where an object of some name is.

    ImageBind puts images and words into one space; its text encoder tells where in it
    the images of a word lie. This is a Gaussian for each name that does the same for
    patch features: a mean, and how objects of one name differ from it, and patches of
    one object from that.

    Shapes: ``K`` names, ``C`` channels, ``N`` objects.

    Args:
        path: File of :func:`save_name_embeddings`.

    Attributes:
        means: ``[K, C]``.
        object_factor: ``[C, C]``; times a normal sample it is an object's difference
            from its name's mean.
        patch_factor: ``[C, C]``, the same for a patch and its object.

    Raises:
        InputError: The file holds no name embeddings.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        state, metadata = load_weights(path), load_metadata(path)
        wanted = ('means', 'object_factor', 'patch_factor')
        if sorted(state) != sorted(wanted) or 'names' not in metadata:
            raise InputError(
                f'{path}: holds {", ".join(sorted(state))}, expected name embeddings: '
                f'{", ".join(wanted)}'
            )
        self.names = {name: i for i, name in enumerate(json.loads(metadata['names']))}
        for key in wanted:
            self.register_buffer(key, state[key], persistent=False)

    @property
    def embed_dims(self) -> int:
        """Channels ``C``."""
        return self.means.shape[1]

    def sample_objects(self, names: Sequence[str], noise: float) -> Tensor:
        """Return features ``[N, C]`` of objects with these names.

        Args:
            names: One a object.
            noise: Factor of the difference from the mean, 0 for the mean itself.

        Raises:
            InputError: A name is unknown.
        """
        for name in names:
            if name not in self.names:
                raise InputError(
                    f'object of category {name!r}, expected one of the '
                    f'{len(self.names)} names that have an embedding'
                )
        rows = torch.tensor([self.names[name] for name in names], dtype=torch.long)
        means = self.means[rows.to(self.means.device)]
        return means + noise * torch.randn_like(means) @ self.object_factor.T

    def sample_patches(self, objects: Tensor, noise: float) -> Tensor:
        """Return features of one patch each of objects ``[..., C]``."""
        return objects + noise * torch.randn_like(objects) @ self.patch_factor.T


class SampledPatches(NamedTuple):
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
    """Samples patches of objects with random names, moments and places.

    Where an image encoder and words share a space, what reads images can be fitted to
    words without an image. Names are sampled evenly, which no data set does: in images
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

    def sample(self, count: int, token_merging: BaseTokenMerging) -> SampledPatches:
        """Return patches.

        Args:
            count: How many, ``n``.
            token_merging: Embeds their times and places.
        """
        device, known = self.names.means.device, list(self.names.names)
        names = [known[i] for i in torch.randint(len(known), (count,)).tolist()]
        features = self.names.sample_objects(names, self.noise)
        features = self.names.sample_patches(features, self.noise)
        low = self.min_scale
        features = features * (low + (1 - low) * torch.rand(count, 1, device=device))
        moments = torch.rand(count, device=device)
        sides = 0.05 + 0.45 * torch.rand(count, 2, device=device)
        centers = sides / 2 + (1 - sides) * torch.rand(count, 2, device=device)
        places = centers + (torch.rand(count, 2, device=device) - 0.5) * sides
        tokens = token_merging.embed(features, moments[:, None].expand(-1, 3), places)
        return SampledPatches(
            tokens, names, moments, torch.cat([centers, sides], dim=1)
        )
