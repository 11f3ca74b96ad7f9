"""Pretrainer of ImageBind's RGB and depth encoders."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mmfourdpsg.models.frameworks.base_scene_graph_model import BaseSceneGraphModel
from mmfourdpsg.models.scene_encoders.imagebind import export_imagebind_weights
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import SceneGraphDataSample

from ..feature_losses import (
    geometry_loss,
    instance_contrast,
    name_loss,
    patch_contrast,
    patch_name_loss,
    patch_owners,
    sample_patches,
)
from ..metrics import log_depth_error, name_counts, retrieval_counts
from .joint_embedding import JointSpace, NameClassifier, PairedEncoder
from .patch_targets import (
    ObjectPatches,
    PatchGeometry,
    object_means,
    object_patches,
    patch_geometry,
)

LOSSES = ('contrast', 'geometry', 'instance', 'name', 'patch_name')
"""Names of the losses, without the prefix ``loss_``."""


class _Batch(NamedTuple):
    """Features and targets of the F real frames of a batch."""

    rgb: Tensor  # [F, gh, gw, C]
    depth: Tensor  # [F, gh, gw, D]
    geometry: PatchGeometry
    objects: ObjectPatches

    def frames(self, first: int, last: int) -> '_Batch':
        """Return the frames ``first`` to ``last - 1``."""
        part = slice(first, last)
        return _Batch(
            self.rgb[part],
            self.depth[part],
            PatchGeometry(*(item[part] for item in self.geometry)),
            ObjectPatches(*(item[part] for item in self.objects)),
        )


@MODELS.register_module()
class ImageBindPretrainer(BaseSceneGraphModel):
    """Trains both encoders from RGB-D video with masks and names of objects.

    As ImageBind does, it binds depth to images and images to words, but patch by
    patch, since 4D-LLM reads patch features:

    - ``loss_contrast``: symmetric InfoNCE between the RGB and the depth feature of the
      same patch, against other patches of the batch.
    - ``loss_geometry``: log-depth and slope of a patch from its RGB feature, smooth L1.
    - ``loss_instance``: InfoNCE of a patch against the mean features of the instances
      in its frame, the mean of both modalities.
    - ``loss_name``: name of an object in a frame from the mean feature of its patches,
      the mean of both modalities.
    - ``loss_patch_name``: the same from the feature of each of its patches alone, since
      a language model reads patches, and nobody tells it which are of one object.

    What needs depth is computed where depth is known.

    Shapes: ``B`` videos, ``T`` frames, ``F`` real frames of all videos, ``H`` x ``W``
    pixels, ``gh`` x ``gw`` patches, ``C`` RGB and ``D`` depth channels, ``M`` objects.

    Args:
        rgb_encoder: Config of e.g. :class:`ImageBindVisionEncoder`.
        depth_encoder: Config of e.g. :class:`ImageBindDepthEncoder`.
        depth_to_disparity: Config of :class:`DepthToDisparity`.
        categories: Names of objects.
        joint_channels: Width of the spaces in which features are compared.
        num_contrast_patches: Patches of known depth that are sampled from a batch for
            ``loss_contrast``.
        loss_weights: Factor of each loss by its name in :data:`LOSSES`; 1 if left out.
        data_preprocessor: Config of the data preprocessor.

    Raises:
        ValueError: ``loss_weights`` names an unknown loss.
    """

    def __init__(
        self,
        rgb_encoder: dict,
        depth_encoder: dict,
        depth_to_disparity: dict,
        categories: Sequence[str],
        joint_channels: int = 64,
        num_contrast_patches: int = 1024,
        loss_weights: Mapping[str, float] | None = None,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor)
        loss_weights = dict(loss_weights or {})
        unknown = sorted(set(loss_weights) - set(LOSSES))
        if unknown:
            raise ValueError(f'loss_weights has {unknown}, expected some of {LOSSES}')
        self.loss_weights = {name: loss_weights.get(name, 1.0) for name in LOSSES}
        self.categories = tuple(categories)
        self.num_contrast_patches = num_contrast_patches
        self.encoder = PairedEncoder(rgb_encoder, depth_encoder, depth_to_disparity)
        channels = self.rgb_encoder.embed_dims, self.depth_encoder.embed_dims
        # One space each: patches, instances and names are told apart by different
        # directions.
        self.patch_space = JointSpace(*channels, joint_channels)
        self.instance_space = JointSpace(*channels, joint_channels)
        self.name_classifier = NameClassifier(
            *channels, joint_channels, len(self.categories)
        )
        self.geometry_head = nn.Linear(channels[0], 3)

    @property
    def rgb_encoder(self) -> nn.Module:
        """The RGB encoder that is trained."""
        return self.encoder.rgb_encoder

    @property
    def depth_encoder(self) -> nn.Module:
        """The depth encoder that is trained."""
        return self.encoder.depth_encoder

    def foundation_weights(self) -> dict[str, Tensor]:
        """Return what 4D-LLM begins with: both trunks by their official names."""
        return export_imagebind_weights(self.rgb_encoder, self.depth_encoder)

    def tensor(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[SceneGraphDataSample] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return features ``[F, gh, gw, C]`` of RGB and ``[F, gh, gw, D]`` of depth."""
        mask = inputs['frame_mask']
        return self.encoder(inputs['rgb'][mask], inputs['depth'][mask])

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return the weighted losses by name, each ``[]``.

        Args:
            inputs: As of :meth:`forward`.
            data_samples: One a video, with ``gt_scene_graph`` of N objects and
                ``gt_masks`` bool ``[N, T, h, w]``.

        Raises:
            InputError: An object has a name that is not among the categories.
        """
        batch = self._batch(inputs, data_samples)
        losses = dict(
            contrast=self._contrast_loss(batch),
            geometry=geometry_loss(self.geometry_head(batch.rgb), *batch.geometry),
            instance=self._instance_loss(batch),
            name=self._name_loss(batch),
            patch_name=self._patch_name_loss(batch),
        )
        return {
            f'loss_{name}': self.loss_weights[name] * value
            for name, value in losses.items()
        }

    @torch.no_grad()
    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Fill in ``feature_counts`` of each data sample.

        It holds pairs: of ``name_accuracy_rgb``, ``name_accuracy_depth``,
        ``patch_name_accuracy_rgb`` and ``retrieval_rgb_to_depth`` (among the patches of
        known depth of all the video's frames) the number of right ones and of all, of
        ``log_depth_error`` the sum and the number of patches.
        """
        batch, first = self._batch(inputs, data_samples), 0
        lengths = inputs['frame_mask'].sum(dim=1).tolist()
        for length, sample in zip(lengths, data_samples, strict=True):
            counts = self._count(batch.frames(first, first + length))
            sample.set_metainfo(dict(feature_counts=counts))
            first += length
        return data_samples

    def encode_objects(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> tuple[Tensor, ObjectPatches]:
        """Return RGB features ``[F, gh, gw, C]``, and the objects in them."""
        batch = self._batch(inputs, data_samples)
        return batch.rgb, batch.objects

    def _batch(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> _Batch:
        mask = inputs['frame_mask']
        rgb, depth = inputs['rgb'][mask], inputs['depth'][mask]
        grid_size = self.encoder.grid_size
        objects = object_patches(
            data_samples, self.categories, rgb.shape[-2:], grid_size, rgb.device
        )
        if len(objects.coverage) != len(rgb):
            raise ValueError(
                f'there are masks of {len(objects.coverage)} frames, expected those '
                f'of the {len(rgb)} sampled ones'
            )
        geometry = patch_geometry(depth, grid_size)
        return _Batch(*self.encoder(rgb, depth), geometry, objects)

    def _contrast_loss(self, batch: _Batch) -> Tensor:
        indices = sample_patches(
            batch.geometry.known[..., 0], self.num_contrast_patches
        )
        return patch_contrast(
            self.patch_space.project_rgb(batch.rgb.flatten(0, 2)[indices]),
            self.patch_space.project_depth(batch.depth.flatten(0, 2)[indices]),
            self.patch_space.scale(),
        )

    def _instance_loss(self, batch: _Batch) -> Tensor:
        space, number = self.instance_space, batch.objects.coverage.shape[1]
        owners = patch_owners(batch.objects.coverage)
        rgb = instance_contrast(
            space.project_rgb(batch.rgb), owners, number, space.scale()
        )
        depth = instance_contrast(
            space.project_depth(batch.depth),
            owners.masked_fill(~batch.geometry.known[..., 0], -1),
            number,
            space.scale(),
        )
        return (rgb + depth) / 2

    def _name_loss(self, batch: _Batch) -> Tensor:
        (rgb, rgb_shown), (depth, depth_shown) = self._named(batch)
        labels = batch.objects.labels
        rgb_loss = name_loss(rgb, labels, rgb_shown)
        return (rgb_loss + name_loss(depth, labels, depth_shown)) / 2

    def _patch_name_loss(self, batch: _Batch) -> Tensor:
        owners, labels = patch_owners(batch.objects.coverage), batch.objects.labels
        rgb, depth = self.name_classifier(batch.rgb, batch.depth)  # [F, gh, gw, K]
        known = batch.geometry.known[..., 0]
        rgb_loss = patch_name_loss(rgb, owners, labels)
        depth_loss = patch_name_loss(depth, owners.masked_fill(~known, -1), labels)
        return (rgb_loss + depth_loss) / 2

    def _named(self, batch: _Batch) -> tuple[tuple[Tensor, Tensor], ...]:
        """Return logits ``[F, M, K]`` and bool ``[F, M]`` of RGB and of depth."""
        coverage = batch.objects.coverage
        known = batch.geometry.known[:, None, :, :, 0]
        rgb, rgb_shown = object_means(batch.rgb, coverage)
        depth, depth_shown = object_means(batch.depth, coverage * known)
        rgb, depth = self.name_classifier(rgb, depth)
        return (rgb, rgb_shown), (depth, depth_shown)

    def _count(self, batch: _Batch) -> dict[str, tuple[float, int]]:
        (rgb, rgb_shown), (depth, depth_shown) = self._named(batch)
        labels = batch.objects.labels
        known = batch.geometry.known[..., 0]
        owners = patch_owners(batch.objects.coverage).flatten(1)  # [F, P]
        patches, _ = self.name_classifier(batch.rgb.flatten(1, 2), batch.depth[:0])
        patch_labels = labels.gather(1, owners.clamp(min=0))
        return dict(
            name_accuracy_rgb=name_counts(rgb, labels, rgb_shown),
            name_accuracy_depth=name_counts(depth, labels, depth_shown),
            patch_name_accuracy_rgb=name_counts(patches, patch_labels, owners >= 0),
            retrieval_rgb_to_depth=retrieval_counts(
                self.patch_space.project_rgb(batch.rgb[known]),
                self.patch_space.project_depth(batch.depth[known]),
            ),
            log_depth_error=log_depth_error(
                self.geometry_head(batch.rgb), *batch.geometry
            ),
        )
