"""Mask2Former's head on whole clips: one query, one object in all of their frames."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from mmengine.structures import InstanceData
from torch import Tensor

from mmfourdpsg.registry import MODELS

from .mask2former_query_head import Mask2FormerQueryHead


@dataclass
class VideoQueries:
    """What a head finds in a clip.

    Shapes: ``Q`` queries, ``K`` categories, ``T`` frames, ``C`` channels, ``h`` x ``w``
    pixels at a quarter of the frames' size.

    Attributes:
        categories: Logits ``[Q, K + 1]``, the last one of no object.
        masks: Logits ``[Q, T, h, w]``.
        queries: ``[Q, C]``, of the last layer, before its last normalisation.
        mask_embeddings: ``[Q, C]``, whose products with mask features are the logits of
            masks, of any frame of the video.
        mask_features: ``[T, C, h, w]``.
        earlier: Logits of categories and masks of all earlier layers.
    """

    categories: Tensor
    masks: Tensor
    queries: Tensor
    mask_embeddings: Tensor
    mask_features: Tensor
    earlier: Sequence[tuple[Tensor, Tensor]] = ()

    def first(self, count: int) -> 'VideoQueries':
        """Return the same with no more than the first frames of the clip."""
        if count >= self.masks.shape[1]:
            return self
        return replace(
            self,
            masks=self.masks[:, :count],
            mask_features=self.mask_features[:count],
            earlier=[(row[0], row[1][:, :count]) for row in self.earlier],
        )


@MODELS.register_module()
class VideoQueryHead(Mask2FormerQueryHead):
    """Has queries attend to all frames of a clip at once.

    Source: Cheng et al., "Mask2Former for video instance segmentation" (2021). Weights
    have the names of :class:`Mask2FormerQueryHead`, whose checkpoint it can begin with.
    For losses and assignment the frames of a clip, one below the other, are one image,
    so that a clip counts as a frame does, however long it is.

    Args:
        *args: Of :class:`Mask2FormerQueryHead`.
        **kwargs: Likewise.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        flat = self.mask2former.decoder_positional_encoding
        self.positions = MODELS.build(
            dict(
                type='SinePositionalEncoding3D',
                num_feats=flat.num_feats,
                normalize=flat.normalize,
            )
        )

    def decode_pixels(
        self, features: Sequence[Tensor]
    ) -> tuple[Tensor, Sequence[Tensor]]:
        """Return mask features ``[T, C, h, w]`` of frames, and those of three levels.

        Args:
            features: The backbone's outputs ``[T, C_i, h_i, w_i]``.
        """
        return self.mask2former.pixel_decoder(features)

    def forward(self, features: Sequence[Tensor]) -> VideoQueries:
        """Find the objects of a clip.

        Args:
            features: The backbone's outputs ``[T, C_i, h_i, w_i]``.
        """
        head = self.mask2former
        mask_features, levels = self.decode_pixels(features)
        keys, positions = zip(
            *(self._keys(index, level) for index, level in enumerate(levels)),
            strict=True,
        )
        queries = head.query_feat.weight[None]  # [1, Q, C]
        embeddings = head.query_embed.weight[None]
        layers = [self._read(queries, mask_features)]
        for number, layer in enumerate(head.transformer_decoder.layers):
            level = number % len(levels)
            mask = self._attention_mask(layers[-1][1], levels[level].shape[-2:])
            queries = layer(
                query=queries,
                key=keys[level],
                value=keys[level],
                query_pos=embeddings,
                key_pos=positions[level],
                cross_attn_mask=mask,
                query_key_padding_mask=None,
                key_padding_mask=None,
            )
            layers.append(self._read(queries, mask_features))
        categories, masks, mask_embeddings = layers[-1]
        return VideoQueries(
            categories,
            masks,
            queries[0],
            mask_embeddings,
            mask_features,
            [row[:2] for row in layers[:-1]],
        )

    def loss_of(
        self, found: VideoQueries, categories: Tensor, masks: Tensor
    ) -> dict[str, Tensor]:
        """Return the losses of all layers.

        Args:
            found: What the head found in a clip.
            categories: Categories of its objects ``[n]``.
            masks: Their masks, bool ``[n, T, H, W]``.
        """
        layers = [*found.earlier, (found.categories, found.masks)]
        instance = InstanceData(labels=categories, masks=masks.flatten(1, 2).float())
        return self.mask2former.loss_by_feat(
            [row[0][None] for row in layers],
            # [1, Q, T * h, w]
            [row[1].flatten(1, 2)[None] for row in layers],
            [instance],
            [{}],
        )

    @torch.no_grad()
    def assign_clip(
        self, found: VideoQueries, categories: Tensor, masks: Tensor
    ) -> Tensor:
        """Return which query each object of a clip has, -1 where it has none.

        Args:
            found: What the head found.
            categories: Categories of the objects ``[n]``.
            masks: Their masks, bool ``[n, T, H, W]``.
        """
        size = found.masks.shape[-2:]
        small = F.interpolate(masks.float(), size, mode='area')  # [n, T, h, w]
        return self.assign_masks(
            found.categories, found.masks.flatten(1), categories, small.flatten(1)
        )

    def _keys(self, index: int, level: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys ``[1, T * h * w, C]`` of a level ``[T, C, h, w]``, and places."""
        head = self.mask2former
        keys = head.decoder_input_projs[index](level).flatten(2).transpose(1, 2)
        keys = keys + head.level_embed.weight[index]  # [T, h * w, C]
        frames = level.new_zeros((1, len(level), *level.shape[-2:]), dtype=torch.bool)
        places = self.positions(frames).flatten(3).transpose(2, 3)  # [1, T, h * w, C]
        return keys.flatten(0, 1)[None], places.flatten(1, 2)

    def _read(
        self, queries: Tensor, mask_features: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return categories, masks and mask embeddings of queries ``[1, Q, C]``."""
        head = self.mask2former
        normalised = head.transformer_decoder.post_norm(queries)[0]
        embeddings = head.mask_embed(normalised)
        return (
            head.cls_embed(normalised),
            masks_of(embeddings, mask_features),
            embeddings,
        )

    def _attention_mask(self, masks: Tensor, size: tuple[int, int]) -> Tensor:
        """Return where queries may not look, bool ``[heads, Q, T * h * w]``."""
        small = F.interpolate(masks, size, mode='bilinear', align_corners=False)
        hidden = (small.sigmoid() < 0.5).flatten(1).detach()  # [Q, T * h * w]
        # What may look nowhere looks everywhere.
        hidden = hidden & ~hidden.all(dim=1, keepdim=True)
        return hidden.expand(self.mask2former.num_heads, -1, -1)


def masks_of(embeddings: Tensor, mask_features: Tensor) -> Tensor:
    """Return the logits ``[Q, T, h, w]`` of masks.

    Args:
        embeddings: ``[Q, C]``.
        mask_features: ``[T, C, h, w]``.
    """
    return torch.einsum('qc,tchw->qthw', embeddings, mask_features)
