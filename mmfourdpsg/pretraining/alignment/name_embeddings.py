"""Names in the space of patch features."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_file import load_facts, load_weights


class NameEmbeddings(BaseModule):
    """What an encoder's patch features are like where an object of some name is.

    ImageBind puts pictures and words into one space; its text encoder tells where in it
    the pictures of a word lie. This is a Gaussian for each name that does the same for
    patch features: a mean, and how objects of one name differ from it, and patches of
    one object from that.

    Shapes: ``K`` names, ``C`` channels, ``N`` objects.

    Args:
        path: File of :func:`save_name_embeddings`.

    Attributes:
        means: ``[K, C]``.
        object_factor: ``[C, C]``; times a normal draw it is an object's difference from
            its name's mean.
        patch_factor: ``[C, C]``, the same for a patch and its object.

    Raises:
        InputError: The file holds no name embeddings.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        state, facts = load_weights(path), load_facts(path)
        wanted = ('means', 'object_factor', 'patch_factor')
        if sorted(state) != sorted(wanted) or 'names' not in facts:
            raise InputError(
                f'{path}: holds {", ".join(sorted(state))}, expected name embeddings: '
                f'{", ".join(wanted)}'
            )
        self.names = {name: i for i, name in enumerate(json.loads(facts['names']))}
        for key in wanted:
            self.register_buffer(key, state[key], persistent=False)

    @property
    def embed_dims(self) -> int:
        """Channels ``C``."""
        return self.means.shape[1]

    def draw_objects(self, names: Sequence[str], noise: float) -> Tensor:
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

    def draw_patches(self, objects: Tensor, noise: float) -> Tensor:
        """Return features of one patch each of objects ``[..., C]``."""
        return objects + noise * torch.randn_like(objects) @ self.patch_factor.T
