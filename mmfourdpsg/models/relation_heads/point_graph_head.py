"""Head that tells categories and predicates from clouds of points."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmfourdpsg.registry import MODELS

from .object_point_clouds import ObjectPointClouds


@dataclass
class PointGraphTargets:
    """What the objects and pairs of a video are annotated with.

    Shapes: ``N`` objects, ``E`` pairs, ``R`` predicates.

    Attributes:
        categories: Indices ``[N]``.
        predicates: bool ``[E, R]``, which hold of a pair at any time.
    """

    categories: Tensor
    predicates: Tensor


@MODELS.register_module()
class PointGraphHead(BaseModule):
    """PointNets, a graph network on their features, and two classifiers.

    Objects are classified by their own points, pairs after all messages; any number of
    predicates may hold of a pair. Source: Wald et al. (CVPR 2020), section 4.

    Shapes: ``N`` objects and ``E`` ordered pairs of one video or of all, ``C``
    channels, ``K`` categories, ``R`` predicates.

    Args:
        num_categories: ``K``.
        num_predicates: ``R``.
        object_encoder: Config of the PointNet of objects.
        pair_encoder: Config of the PointNet of pairs, of as many channels.
        graph_network: Config of the graph network; it is told ``embed_dims``.
        hidden_channels: Channels of the two hidden layers of a classifier.
        dropout: Probability of dropping a channel before a classifier's last layer.
        category_weight: Factor of the loss of categories.
        predicate_weight: Factor of the loss of predicates.
        balance_categories: Whether each category that a batch shows counts the same,
            however many of its objects there are.
        max_pos_weight: Most that a predicate which holds counts more than one that does
            not; up to that it counts as much as all that do not hold together.
        init_cfg: Initialisation config of MMEngine.

    Raises:
        ValueError: The encoders differ in channels.
    """

    def __init__(
        self,
        num_categories: int,
        num_predicates: int,
        object_encoder: dict,
        pair_encoder: dict,
        graph_network: dict,
        hidden_channels: Sequence[int] = (512, 256),
        dropout: float = 0.3,
        category_weight: float = 0.1,
        predicate_weight: float = 1.0,
        balance_categories: bool = True,
        max_pos_weight: float = 50.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.object_encoder = MODELS.build(dict(in_channels=3, **object_encoder))
        self.pair_encoder = MODELS.build(dict(in_channels=4, **pair_encoder))
        width = self.object_encoder.embed_dims
        if self.pair_encoder.embed_dims != width:
            raise ValueError(
                f'pair_encoder has {self.pair_encoder.embed_dims} channels, expected '
                f'{width} as object_encoder'
            )
        self.graph_network = MODELS.build(dict(embed_dims=width, **graph_network))
        self.category_classifier = _classifier(
            width, hidden_channels, dropout, num_categories
        )
        self.predicate_classifier = _classifier(
            width, hidden_channels, dropout, num_predicates
        )
        self.category_weight = category_weight
        self.predicate_weight = predicate_weight
        self.balance_categories = balance_categories
        self.max_pos_weight = max_pos_weight

    def forward(
        self, clouds: Sequence[ObjectPointClouds]
    ) -> list[tuple[Tensor, Tensor]]:
        """Classify.

        Args:
            clouds: Those of each video.

        Returns:
            For each video logits of categories ``[N, K]`` and of predicates ``[E, R]``.
        """
        counts = [len(item.objects) for item in clouds]
        known = torch.cat([item.known for item in clouds])
        points = torch.cat([item.objects for item in clouds])  # [N, P, 3]
        objects = points.new_zeros(len(points), self.object_encoder.embed_dims)
        # Clouds without a point stay out of the statistics of batch normalisation.
        objects[known] = self.object_encoder(points[known]).to(objects.dtype)
        pairs = self.pair_encoder(torch.cat([item.pairs for item in clouds]))
        ends = torch.cat(
            [item.ends + sum(counts[:number]) for number, item in enumerate(clouds)]
        )
        _, related = self.graph_network(objects, pairs.to(objects.dtype), ends)
        categories = self.category_classifier(objects).split(counts)
        predicates = self.predicate_classifier(related).split(
            [len(item.ends) for item in clouds]
        )
        return list(zip(categories, predicates, strict=True))

    def loss(
        self,
        clouds: Sequence[ObjectPointClouds],
        targets: Sequence[PointGraphTargets],
    ) -> dict[str, Tensor]:
        """Return the losses of categories and predicates.

        Args:
            clouds: Those of each video.
            targets: Those of each video.
        """
        found = self(clouds)
        known = torch.cat([item.known for item in clouds])
        categories = torch.cat([row[0] for row in found])[known].float()
        labels = torch.cat([item.categories for item in targets])[known]
        predicates = torch.cat([row[1] for row in found]).float()
        holds = torch.cat([item.predicates for item in targets]).float()
        # Every process has to have every gradient, whatever its videos show.
        nothing = sum(weights.sum() for weights in self.parameters()) * 0.0
        return dict(
            loss_category=self.category_weight * self._category_loss(categories, labels)
            + nothing,
            loss_predicate=self.predicate_weight
            * self._predicate_loss(predicates, holds)
            + nothing,
        )

    def _category_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        if not len(labels):
            return logits.sum() * 0.0
        weights = None
        if self.balance_categories:
            counts = labels.bincount(minlength=logits.shape[1])
            weights = 1.0 / counts.clamp(min=1)
        return F.cross_entropy(logits, labels, weights)

    def _predicate_loss(self, logits: Tensor, holds: Tensor) -> Tensor:
        if not len(holds):
            return logits.sum() * 0.0
        positive = holds.sum(dim=0)  # [R]
        ratio = (len(holds) - positive) / positive.clamp(min=1.0)
        weights = ratio.clamp(min=1.0, max=self.max_pos_weight)
        return F.binary_cross_entropy_with_logits(logits, holds, pos_weight=weights)


def _classifier(
    width: int, hidden_channels: Sequence[int], dropout: float, out: int
) -> nn.Sequential:
    layers: list[nn.Module] = []
    for count in hidden_channels:
        layers += [nn.Linear(width, count), nn.LayerNorm(count), nn.ReLU()]
        width = count
    return nn.Sequential(*layers, nn.Dropout(dropout), nn.Linear(width, out))
