"""Relation head: from object tubes to predicates and their spans."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS

from .pair_classifier import PairClassifier
from .relation_records import FoundRelations, RelationTargets

SCORES = ('product', 'predicate')


@MODELS.register_module()
class RelationHead(BaseModule):
    """Relates the objects of a video by the features along their tubes.

    Two encoders see objects as subjects and as objects; a proposal picks pairs of them;
    a classifier tells the predicates of a pair and the frames of each. Videos of any
    number of objects and frames are taken one by one. Source: Yang et al., "4D panoptic
    scene graph generation" (NeurIPS 2023), section 4.2, and "Panoptic video scene graph
    generation" (CVPR 2023), section 4.2, whose code is of both. Unlike there absent
    objects are no keys of attention, an object is no pair with itself, and pairs that
    are not related are learned from, too: they are ranked among the others in use.

    Shapes: ``N`` objects, ``T`` frames, ``C`` channels, ``R`` predicates, ``P`` pairs.

    Args:
        embed_dims: ``C``.
        num_predicates: ``R``.
        subject_encoder: Config of the encoder of subjects.
        object_encoder: Config of the encoder of objects.
        pair_proposal: Config of the proposal.
        pair_temporal_model: See :class:`PairClassifier`.
        loss_pair: Config of the loss of all pairs of a video.
        loss_span: Config of the loss of all frames of a relation.
        predicate_weight: Factor of the binary cross-entropy of predicates.
        max_pos_weight: Most that a predicate which holds counts more than one that does
            not; up to that it counts as much as all that do not hold together.
        unrelated: Pairs without a relation that the classifier sees in training, for
            each one with a relation.
        max_train_pairs: Most pairs of a video that it sees in training.
        num_pairs: Pairs of a video that it sees in use.
        num_relations: Relations that are kept of a video.
        score: ``product`` of pair, predicate and both objects, or ``predicate`` alone,
            as published.
        init_cfg: Initialisation config of MMEngine.

    Raises:
        ValueError: ``score`` is neither.
    """

    def __init__(
        self,
        embed_dims: int,
        num_predicates: int,
        subject_encoder: dict,
        object_encoder: dict,
        pair_proposal: dict,
        pair_temporal_model: dict | None = None,
        loss_pair: dict | None = None,
        loss_span: dict | None = None,
        predicate_weight: float = 5.0,
        max_pos_weight: float = 50.0,
        unrelated: float = 1.0,
        max_train_pairs: int = 200,
        num_pairs: int = 100,
        num_relations: int = 100,
        score: str = 'product',
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if score not in SCORES:
            raise ValueError(f'score is {score!r}, expected one of {SCORES}')
        self.embed_dims = embed_dims
        self.num_predicates = num_predicates
        width = dict(embed_dims=embed_dims)
        self.subject_encoder = MODELS.build({**width, **subject_encoder})
        self.object_encoder = MODELS.build({**width, **object_encoder})
        self.pair_proposal = MODELS.build({**width, **pair_proposal})
        self.classifier = PairClassifier(
            embed_dims, num_predicates, pair_temporal_model
        )
        self.loss_pair = MODELS.build(loss_pair or dict(type='ZLPRLoss'))
        self.loss_span = MODELS.build(loss_span or dict(type='ZLPRLoss'))
        self.predicate_weight = predicate_weight
        self.max_pos_weight = max_pos_weight
        self.unrelated = unrelated
        self.max_train_pairs = max_train_pairs
        self.num_pairs = num_pairs
        self.num_relations = num_relations
        self.score = score

    def encode(
        self, x: Tensor, present: Tensor, times: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Encode the objects of a video and score its pairs.

        Args:
            x: Features along the tubes ``[N, T, C]``.
            present: bool ``[N, T]``, where an object is there.
            times: ``[T]``, numbers of the frames in the video.

        Returns:
            tuple[Tensor, Tensor, Tensor]: The objects as subjects and as objects
            ``[N, T, C]``, and the logits of pairs ``[N, N]``.
        """
        subjects = self.subject_encoder(x, present, times)
        objects = self.object_encoder(x, present, times)
        return subjects, objects, self.pair_proposal(subjects, objects, present)

    def classify(
        self,
        subjects: Tensor,
        objects: Tensor,
        present: Tensor,
        times: Tensor,
        ends: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Classify some pairs.

        Args:
            subjects: The objects as subjects ``[N, T, C]``.
            objects: The objects as objects ``[N, T, C]``.
            present: bool ``[N, T]``.
            times: ``[T]``.
            ends: Subject and object of each pair ``[P, 2]``.

        Returns:
            tuple[Tensor, Tensor, Tensor]: Logits of predicates ``[P, R]`` and of
            predicates in each frame ``[P, T, R]``, and bool ``[P, T]``, in which frames
            both are there.
        """
        first, second = ends.unbind(dim=1)
        common = present[first] & present[second]
        x = torch.cat([subjects[first], objects[second]], dim=-1)  # [P, T, 2C]
        return *self.classifier(x, common, times), common

    def loss(
        self, videos: Sequence[tuple[Tensor, Tensor, Tensor, RelationTargets]]
    ) -> dict[str, Tensor]:
        """Return the losses of a batch of videos.

        Args:
            videos: Of each ``x`` ``[N, T, C]``, ``present`` ``[N, T]``, ``times``
                ``[T]`` and its annotated relations.

        Returns:
            dict[str, Tensor]: ``loss_pair``, ``loss_predicate`` and ``loss_span``, to
            which videos add nothing whose spans are not known.
        """
        pair_losses, logits, labels, span_losses = [], [], [], []
        for x, present, times, targets in videos:
            subjects, objects, pairs = self.encode(x, present, times)
            visible = visible_pairs(present)
            related = torch.zeros_like(visible)
            related[targets.ends[:, 0], targets.ends[:, 1]] = True
            pair_losses.append(
                self.loss_pair(pairs.flatten(), related.flatten(), visible.flatten())
            )
            ends = self._training_pairs(related, visible)
            if not len(ends):
                continue
            predicates, spans, common = self.classify(
                subjects, objects, present, times, ends
            )
            rows, found = _places(targets.ends, ends)
            kinds = targets.predicates[found]
            holds = torch.zeros_like(predicates, dtype=torch.bool)
            holds[rows, kinds] = True
            logits.append(predicates)
            labels.append(holds)
            if targets.spans_known:
                span_losses.append(
                    self.loss_span(
                        spans[rows, :, kinds], targets.spans[found], common[rows]
                    )
                )
        # Every process has to have every gradient, whatever its videos lack.
        nothing = sum(p.sum() for p in self.parameters()) * 0.0
        losses = dict(
            loss_pair=torch.stack(pair_losses).mean() + nothing,
            loss_predicate=nothing,
            loss_span=nothing,
        )
        if logits:
            losses['loss_predicate'] = nothing + self._predicate_loss(
                torch.cat(logits), torch.cat(labels)
            )
        spans = torch.cat(span_losses) if span_losses else nothing.new_zeros(0)
        if len(spans):
            losses['loss_span'] = nothing + spans.mean()
        return losses

    @torch.no_grad()
    def predict(
        self,
        x: Tensor,
        present: Tensor,
        times: Tensor,
        scores: Tensor,
        allowed: Tensor | None = None,
    ) -> FoundRelations:
        """Find the relations of a video.

        Args:
            x: Features along the tubes ``[N, T, C]``.
            present: bool ``[N, T]``, where an object is there.
            times: ``[T]``, numbers of the frames in the video.
            scores: Of the objects ``[N]``, in 0..1.
            allowed: bool ``[N]``, which objects may be related; None lets all.

        Returns:
            The relations, the best first. A span is where both objects are there and
            the logit is positive, or else the best such frame; pairs that are never
            there together are not related.
        """
        subjects, objects, pairs = self.encode(x, present, times)
        visible = visible_pairs(present)
        if allowed is not None:
            visible = visible & allowed[:, None] & allowed
        ends = visible.nonzero()  # [P, 2]
        order = pairs[ends[:, 0], ends[:, 1]].argsort(descending=True, stable=True)
        ends = ends[order[: self.num_pairs]]
        predicates, spans, common = self.classify(
            subjects, objects, present, times, ends
        )
        first, second = ends.unbind(dim=1)
        ranked = predicates.sigmoid()  # [P, R]
        if self.score == 'product':
            factor = pairs[first, second].sigmoid() * scores[first] * scores[second]
            ranked = ranked * factor[:, None]
        order = ranked.flatten().argsort(descending=True, stable=True)
        order = order[: self.num_relations]
        rows, kinds = order // self.num_predicates, order % self.num_predicates
        return FoundRelations(
            ends[rows],
            kinds,
            ranked.flatten()[order],
            positive_frames(spans[rows, :, kinds], common[rows]),
        )

    def _training_pairs(self, related: Tensor, visible: Tensor) -> Tensor:
        """Return subject and object ``[P, 2]`` of related pairs and some others."""
        positive = (related & visible).nonzero()
        negative = (~related & visible).nonzero()
        positive = positive[torch.randperm(len(positive), device=positive.device)]
        positive = positive[: self.max_train_pairs]
        # A video without relations has something to tell, too.
        count = max(round(self.unrelated * len(positive)), 1)
        count = min(count, self.max_train_pairs - len(positive))
        negative = negative[torch.randperm(len(negative), device=negative.device)]
        return torch.cat([positive, negative[:count]])

    def _predicate_loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        count = labels.sum(dim=0)
        weight = ((len(labels) - count) / count.clamp(min=1)).clamp(
            1.0, max(self.max_pos_weight, 1.0)
        )
        loss = F.binary_cross_entropy_with_logits(
            logits.float(), labels.float(), pos_weight=weight
        )
        return self.predicate_weight * loss


def visible_pairs(present: Tensor) -> Tensor:
    """Return which two different objects are ever there together, bool ``[N, N]``.

    Args:
        present: bool ``[N, T]``.
    """
    there = present.float()
    together = there @ there.T > 0
    return together & ~torch.eye(len(there), dtype=torch.bool, device=there.device)


def positive_frames(logits: Tensor, common: Tensor) -> Tensor:
    """Return the common frames of positive logits, or else the best common one.

    Args:
        logits: ``[M, T]``.
        common: bool ``[M, T]``, at least one frame in each row.

    Returns:
        Tensor: bool ``[M, T]``.
    """
    if not logits.numel():
        return common
    frames = (logits > 0) & common
    least = torch.finfo(logits.dtype).min
    best = logits.where(common, least).argmax(dim=1)
    alone = F.one_hot(best, logits.shape[1]).bool()
    return frames.where(frames.any(dim=1, keepdim=True), alone)


def _places(wanted: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
    """Return where wanted pairs ``[M, 2]`` are among ``ends`` ``[P, 2]``.

    Returns:
        tuple[Tensor, Tensor]: Places in ``ends``, and of which of ``wanted`` they are;
        those that are not there are left out.
    """
    same = (wanted[:, None] == ends[None]).all(dim=-1)  # [M, P]
    found, rows = same.nonzero(as_tuple=True)
    return rows, found
