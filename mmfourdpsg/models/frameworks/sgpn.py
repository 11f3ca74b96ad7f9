"""SGPN (3DSSG): relations of object tubes by their points in space."""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mmfourdpsg.registry import MODELS, TASK_UTILS
from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
    span_from_frames,
)
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.check_names import check_names

from ..label_names import LabelNames
from ..relation_heads.object_point_clouds import ObjectPointClouds
from ..relation_heads.point_graph_head import PointGraphTargets
from .base_scene_graph_model import BaseSceneGraphModel

NAMED_BY = ('points', 'source')


@MODELS.register_module()
class SGPN(BaseSceneGraphModel):
    """Scene graph prediction network on object tubes of RGB-D videos.

    Source: Wald et al., "Learning 3D semantic scene graphs from 3D indoor
    reconstructions" (CVPR 2020), the row 3DSSG of 4D-LLM's Table 2. How it was brought
    to RGB-D videos there is not told. Here objects are tubes, and their points are
    back-projected depth of sampled frames. The graph is static: a relation holds in
    all frames in which both of its objects are visible.

    It is trained on annotated tubes, and related in use are those of an object source.
    An object of which no sampled frame shows a point is in no relation, and keeps what
    the source says of it.

    Shapes: ``B`` videos, ``T`` sampled frames, ``H`` x ``W`` pixels, ``N`` objects and
    ``E`` ordered pairs of one video, ``R`` predicates.

    Args:
        num_categories: Number of categories, things and stuff.
        num_predicates: Number of predicates.
        point_clouds: Config of :class:`PointCloudSampler`.
        head: Config of :class:`PointGraphHead`; it is told the numbers of labels.
        object_source: Config of where tubes come from in use, see
            :mod:`mmfourdpsg.models.object_sources`.
        named_by: What says which category an object has: ``points``, its own points,
            and its score is how sure they are times its score at the source; or
            ``source``, which tells both.
        max_objects: Most objects of a video: in use the best of the source, in training
            those that are in relations first.
        num_relations: Relations that are kept of a video.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation config of MMEngine.

    Raises:
        ValueError: ``named_by`` is neither.

    Attributes:
        categories: Names of the categories.
        predicates: Names of the predicates.
    """

    def __init__(
        self,
        num_categories: int,
        num_predicates: int,
        point_clouds: dict,
        head: dict,
        object_source: dict,
        named_by: str = 'points',
        max_objects: int = 40,
        num_relations: int = 100,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        check_names('named_by', [named_by], NAMED_BY)
        self.categories = LabelNames('category', 'model.num_categories', num_categories)
        self.predicates = LabelNames(
            'predicate', 'model.num_predicates', num_predicates
        )
        self.point_clouds = TASK_UTILS.build(point_clouds)
        self.head = MODELS.build(
            dict(
                num_categories=num_categories,
                num_predicates=num_predicates,
                **head,
            )
        )
        self.object_source = TASK_UTILS.build(object_source)
        self.named_by = named_by
        self.max_objects = max_objects
        self.num_relations = num_relations

    def take_labels(self, metainfo: Mapping[str, Sequence[str]]) -> None:
        """Take over the names of what is trained on.

        Args:
            metainfo: Of the data set: ``thing_classes``, ``stuff_classes`` and
                ``predicates``.

        Raises:
            InputError: They do not fit the config, or the checkpoint that the training
                begins with has others.
        """
        self.categories.take_categories(metainfo)
        self.predicates.take(list(metainfo['predicates']))

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> dict[str, Tensor]:
        """Return the losses of categories and predicates of annotated tubes."""
        clouds, targets = [], []
        for points, sample in zip(inputs['points'], data_samples, strict=True):
            graph = related_first(sample.gt_scene_graph, self.max_objects)
            masks = sample.masks_of([item.id for item in graph.objects])
            found = self.point_clouds(
                _crop(points, sample), masks.to(points.device), random=True
            )
            clouds.append(found)
            targets.append(self._targets(graph, found))
        return self.head.loss(clouds, targets)

    @torch.no_grad()
    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[SceneGraphDataSample]
    ) -> list[SceneGraphDataSample]:
        """Fill in ``pred_scene_graph`` of each data sample."""
        sources = self.object_source(inputs, data_samples)
        kept, clouds = [], []
        for points, sample, objects in zip(
            inputs['points'], data_samples, sources, strict=True
        ):
            points = _crop(points, sample)
            best = best_objects(objects, self.max_objects)
            masks = tube_masks(best, sample.frame_indices, points.shape[1:3])
            kept.append(best)
            clouds.append(self.point_clouds(points, masks.to(points.device)))
        for sample, objects, best, found, (categories, predicates) in zip(
            data_samples, sources, kept, clouds, self.head(clouds), strict=True
        ):
            named = self._name(best, found.known, categories)
            relations = self._relations(named, found.ends, predicates)
            ids = {item.id for item in named}
            others = [item for item in objects if item.id not in ids]
            sample.pred_scene_graph = SceneGraph(
                sample.video_id,
                *sample.ori_shape,
                sample.num_frames,
                [*named, *others],
                relations,
            )
        return data_samples

    def count_parameters(self) -> int:
        """Return the number of weights, with those of what finds the objects."""
        count = super().count_parameters()
        # Files have none.
        if hasattr(self.object_source, 'count_parameters'):
            count += self.object_source.count_parameters()
        return count

    def _targets(
        self, graph: SceneGraph, clouds: ObjectPointClouds
    ) -> PointGraphTargets:
        categories = _indices(
            self.categories, [item.category for item in graph.objects], graph.video_id
        )
        kinds = _indices(
            self.predicates, [row.predicate for row in graph.relations], graph.video_id
        )
        places = {item.id: place for place, item in enumerate(graph.objects)}
        rows = {tuple(pair): row for row, pair in enumerate(clouds.ends.tolist())}
        predicates = clouds.known.new_zeros(len(rows), len(self.predicates.names))
        for relation, kind in zip(graph.relations, kinds, strict=True):
            row = rows.get((places[relation.subject], places[relation.object]))
            if row is not None:
                predicates[row, kind] = True
        labels = torch.tensor(categories, dtype=torch.long, device=predicates.device)
        return PointGraphTargets(labels, predicates)

    def _name(
        self, objects: Sequence[SceneObject], known: Tensor, logits: Tensor
    ) -> list[SceneObject]:
        """Return objects with the categories and scores that the graph has."""
        names, are_things = self.categories.names, self.categories.is_thing.tolist()
        named = []
        for item, is_known, row in zip(objects, known, logits, strict=True):
            category, is_thing, score = item.category, item.is_thing, _score(item)
            if self.named_by == 'points' and is_known:
                likely, place = row.float().softmax(dim=0).max(dim=0)
                category, is_thing = names[place], are_things[place]
                score *= likely.item()
            named.append(SceneObject(item.id, category, is_thing, score, item.tube))
        return named

    def _relations(
        self, objects: Sequence[SceneObject], ends: Tensor, logits: Tensor
    ) -> list[Relation]:
        """Return the best relations of a video, the best first."""
        names = self.predicates.names
        scores = logits.new_tensor([item.score for item in objects], dtype=torch.float)
        likely = logits.float().sigmoid()  # [E, R]
        likely = likely * scores[ends].prod(dim=1, keepdim=True)
        count = min(self.num_relations, likely.numel())
        best = likely.flatten().topk(count)
        relations = []
        for score, place in zip(
            best.values.tolist(), best.indices.tolist(), strict=True
        ):
            pair, kind = divmod(place, len(names))
            subject, obj = (objects[end] for end in ends[pair].tolist())
            frames = set(subject.tube.frames) & set(obj.tube.frames)
            relations.append(
                Relation(
                    subject.id, names[kind], obj.id, span_from_frames(frames), score
                )
            )
        return relations


def best_objects(objects: Sequence[SceneObject], count: int) -> list[SceneObject]:
    """Return the objects of the highest scores, in the order that they have."""
    places = sorted(range(len(objects)), key=lambda place: -_score(objects[place]))
    return [objects[place] for place in sorted(places[:count])]


def related_first(graph: SceneGraph, count: int) -> SceneGraph:
    """Return a graph of some of the objects, those of relations rather than others."""
    related = {end for row in graph.relations for end in (row.subject, row.object)}
    ids = sorted(
        (item.id for item in graph.objects), key=lambda key: key not in related
    )
    return graph.select_objects(ids[:count])


def tube_masks(
    objects: Sequence[SceneObject], frames: Sequence[int], size: tuple[int, int]
) -> Tensor:
    """Return the masks of objects in some frames, bool ``[N, T, h, w]``.

    Args:
        objects: ``N`` objects with tubes.
        frames: ``T`` frames of the video.
        size: ``h`` and ``w``; the centre of a pixel says which one of the tube it is.
    """
    masks = torch.zeros(len(objects), len(frames), *size, dtype=torch.bool)
    for row, item in zip(masks, objects, strict=True):
        for place, frame in enumerate(frames):
            if frame in item.tube.rles:
                mask = torch.from_numpy(item.tube.decode(frame)).float()
                mask = F.interpolate(mask[None, None], size, mode='nearest-exact')
                row[place] = mask[0, 0] > 0
    return masks


def _crop(points: Tensor, sample: SceneGraphDataSample) -> Tensor:
    """Return a video's points ``[T, h, w, 3]`` without what pads the batch."""
    height, width = sample.img_shape
    return points[: len(sample.frame_indices), :height, :width]


def _indices(labels: LabelNames, names: Sequence[str], video_id: str) -> list[int]:
    """Return the outputs of a classifier that some names stand for."""
    places = {name: place for place, name in enumerate(labels.names)}
    unknown = sorted(set(names) - set(places))
    if unknown:
        raise InputError(
            f'video {video_id!r}: has {unknown[0]!r} as {labels.what}, expected one of '
            'those of the training data'
        )
    return [places[name] for name in names]


def _score(item: SceneObject) -> float:
    return 1.0 if item.score is None else item.score
