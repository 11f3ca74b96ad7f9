"""A scene whose patches hold names in place of pictures."""

from collections.abc import Callable, Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample

from .name_embeddings import NameEmbeddings
from .patch_geometry import pool_patches


@MODELS.register_module()
class NamedScene(BaseModule):
    """Scene tokens from masks and names alone.

    Where an image encoder and words share a space, what reads pictures can be trained
    on words. Each patch gets the embeddings of the names that cover it, with the spread
    that features have around them (see :class:`NameEmbeddings`); from there on it is
    the token merging, the projector and the language model of 4D-LLM. No picture is
    seen.

    Shapes: ``B`` videos, ``T`` frames, ``N`` objects of a video, ``gh`` x ``gw``
    patches, ``C`` channels of the features, ``L`` tokens.

    Args:
        names: File of :class:`NameEmbeddings`.
        token_merging: Config of the token merging.
        grid_size: Rows and columns of patches.
        noise: Factor of the spread around names and objects.
        frame_noise: Share of an object's variance that is drawn anew in every frame.
        min_scale: Features are multiplied by a factor between this and 1 in training:
            the aggregator may weigh them down in favour of depth.
        init_cfg: Initialisation config of MMEngine.
    """

    in_words = False
    """Tokens are in the width of the scene encoder's, and projected as they are."""

    def __init__(
        self,
        names: str,
        token_merging: dict,
        grid_size: tuple[int, int],
        noise: float = 1.0,
        frame_noise: float = 0.3,
        min_scale: float = 0.4,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.names = NameEmbeddings(names)
        self.embed_dims = self.names.embed_dims
        self.token_merging = MODELS.build(
            {'embed_dims': self.embed_dims, **token_merging}
        )
        self.grid_size = tuple(grid_size)
        self.noise = noise
        self.frame_noise = frame_noise
        self.min_scale = min_scale

    def forward(
        self,
        data_samples: Sequence[SceneGraphDataSample],
        embed_name: Callable[[str], Tensor] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return scene tokens ``[B, L, C]`` and their bool mask ``[B, L]``.

        Args:
            data_samples: Each with ``gt_scene_graph`` of N objects, ``gt_masks`` bool
                ``[N, T, h, w]``, ``frame_indices`` and ``num_frames``.
            embed_name: Unused; names have embeddings of their own here.
        """
        maps = [self.feature_map(sample) for sample in data_samples]
        length = max(len(item) for item in maps)
        device = maps[0].device
        frame_mask = torch.zeros(len(maps), length, dtype=torch.bool, device=device)
        times = torch.zeros(len(maps), length, device=device)
        for row, (item, sample) in enumerate(zip(maps, data_samples, strict=True)):
            frame_mask[row, : len(item)] = True
            indices = torch.as_tensor(sample.frame_indices, device=device)
            # The middle of a frame that lasts from s/T to (s+1)/T.
            times[row, : len(item)] = (indices + 0.5) / sample.num_frames
        features = torch.nn.utils.rnn.pad_sequence(maps, batch_first=True)
        return self.token_merging(features, frame_mask, times)

    def feature_map(self, sample: SceneGraphDataSample) -> Tensor:
        """Return the features ``[T, gh, gw, C]`` of one video."""
        masks = sample.gt_masks.to(self.names.means.device)  # [N, T, h, w]
        length = masks.shape[1]
        categories = [item.category for item in sample.gt_scene_graph.objects]
        if not categories:
            return masks.new_zeros(
                length, *self.grid_size, self.embed_dims, dtype=torch.float32
            )
        coverage = pool_patches(masks.transpose(0, 1).float(), self.grid_size)
        lasting = self.names.draw_objects(
            categories, self.noise * (1 - self.frame_noise) ** 0.5
        )
        passing = self.names.draw_objects(
            categories * length, self.noise * self.frame_noise**0.5
        ).unflatten(0, (length, len(categories)))
        means = self.names.draw_objects(categories, 0.0)
        objects = lasting + passing - means  # [T, N, C]
        total = coverage.sum(1, keepdim=True).clamp(min=1e-6)
        weights = (coverage / total).permute(0, 2, 3, 1)  # [T, gh, gw, N]
        patches = torch.einsum('thwn,tnc->thwc', weights, objects)
        patches = self.names.draw_patches(patches, self.noise)
        if self.training:
            low = self.min_scale
            patches = patches * (
                low + (1 - low) * torch.rand((), device=patches.device)
            )
        return patches
