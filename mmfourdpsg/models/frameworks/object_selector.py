"""Selector: which objects of a generated graph are followed through its video."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils.check_names import check_names

from ..scene_graph_heads import GeneratedGraph
from ..tube_decoders import SAM2Features
from .same_objects import group_same_objects

PROMPTS = ('best', 'mean')


@dataclass
class ObjectSelection:
    """Which objects of a graph are followed, and how they are prompted.

    Shapes: ``N`` objects that are followed, ``C`` width of the language model.

    Attributes:
        places: For each object of the graph, which of those that are followed it is;
            None if it is left out.
        heads: For each that is followed, the object of the graph that names it.
        states: Prompts ``[N, C]``.
        features: Features of the frames that were looked at, by index.
    """

    places: list[int | None]
    heads: list[int]
    states: Tensor
    features: dict[int, SAM2Features]

    @property
    def num_merged(self) -> int:
        """How many objects are followed as another one."""
        return len(self.places) - self.num_left_out - len(self.heads)

    @property
    def num_left_out(self) -> int:
        """How many objects are not followed."""
        return self.places.count(None)

    def reduce(self, graph: GeneratedGraph) -> GeneratedGraph:
        """Return a graph of the objects that are followed.

        Args:
            graph: The graph, or one with the same objects.

        Returns:
            It has no relations of objects that are left out, nor of what is one thing
            with itself; those that have become equal stay rows of their own.
        """
        rows, pairs = [], {}
        for row in graph.relations:
            subject, obj = self._ends(row.subject, row.object)
            if subject is not None and obj is not None:
                rows.append(replace(row, subject=subject, object=obj))
        for ends, reason in graph.pairs.items():
            subject, obj = self._ends(*ends)
            if subject is not None and obj is not None:
                pairs.setdefault((subject, obj), reason)
        return replace(
            graph,
            objects=[graph.objects[head] for head in self.heads],
            relations=rows,
            states=self.states,
            pairs=pairs,
        )

    def _ends(self, subject: int, obj: int) -> tuple[int | None, int | None]:
        """Return the ends of a relation as they are followed, None if it is gone."""
        ends = self.places[subject], self.places[obj]
        return (None, None) if ends[0] == ends[1] else ends


@TASK_UTILS.register_module()
class ObjectSelector:
    """Finds out, before objects are followed, which need not be followed apart.

    Samples name many objects, and most are one thing under several names or numbers.
    The tube decoder looks at all of them in a few frames, without memory, which takes a
    small part of following them. Those whose masks are about the same there become one,
    by the rule that :class:`SceneGraphAssembler` has for whole tubes: with the name of
    the best. What is left is followed, and the assembler finds what has become one
    later. Objects that no relation needs, and that the greedy sample does not name, are
    left out.

    Args:
        num_frames: How many frames are looked at, spread over the video from the first
            one on. An object that is seen in none of them stays what it is.
        merge_iou: Least IoU in these frames of objects of one category that are one
            thing.
        other_name_iou: Likewise of objects of different categories.
        prompt: How one thing is prompted: as the ``best`` of its objects, or with the
            ``mean`` of their prompts, weighted by how sure the text of each is.
        drop_unrelated: Whether objects are left out that no relation needs.
        max_relations: Relations that count for that, the best ones.

    Raises:
        ValueError: ``prompt`` is neither.
    """

    def __init__(
        self,
        num_frames: int = 3,
        merge_iou: float = 0.7,
        other_name_iou: float = 0.7,
        prompt: str = 'best',
        drop_unrelated: bool = True,
        max_relations: int = 100,
    ) -> None:
        check_names('prompt', [prompt], PROMPTS)
        self.num_frames = num_frames
        self.merge_iou = merge_iou
        self.other_name_iou = other_name_iou
        self.prompt = prompt
        self.drop_unrelated = drop_unrelated
        self.max_relations = max_relations

    def __call__(
        self,
        graph: GeneratedGraph,
        frames: Sequence[np.ndarray],
        tube_decoder: nn.Module,
        is_whole: bool = True,
    ) -> ObjectSelection:
        """Select the objects of one video.

        Args:
            graph: What the language model said.
            frames: uint8 RGB ``[H, W, 3]`` each; only ``len`` and ``[i]`` are used.
            tube_decoder: Looks at the objects.
            is_whole: Whether all relations are known, without which no object can be
                left out.
        """
        look = tube_decoder.look(frames, graph.states, self.num_frames)
        scores = [
            item.score * iou
            for item, iou in zip(graph.objects, look.ious.tolist(), strict=True)
        ]
        heads = group_same_objects(scores, look.overlaps, self._least_ious(graph))
        kept = set(heads)
        if is_whole and self.drop_unrelated:
            kept = self._needed(graph, heads, scores)
        order = {head: place for place, head in enumerate(sorted(kept))}
        return ObjectSelection(
            [order.get(head) for head in heads],
            list(order),
            self._prompts(graph, heads, list(order)),
            look.features,
        )

    def _least_ious(self, graph: GeneratedGraph) -> Tensor:
        """Return the least IoU of each two objects that are one ``[n, n]``."""
        names = [item.category for item in graph.objects]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        codes = torch.tensor([numbers[name] for name in names])
        is_same = codes[:, None] == codes
        return torch.where(is_same, self.merge_iou, self.other_name_iou)

    def _needed(
        self, graph: GeneratedGraph, heads: Sequence[int], scores: Sequence[float]
    ) -> set[int]:
        """Return the objects that have to be followed."""
        rows = [
            (row.score * scores[subject] * scores[obj], subject, obj)
            for row in graph.relations
            for subject, obj in [(heads[row.subject], heads[row.object])]
            if subject != obj
        ]
        rows.sort(key=lambda row: -row[0])
        needed = {end for _, *ends in rows[: self.max_relations] for end in ends}
        for item, head in zip(graph.objects, heads, strict=True):
            if item.in_first_sample:
                needed.add(head)
        return needed

    def _prompts(
        self, graph: GeneratedGraph, heads: Sequence[int], kept: Sequence[int]
    ) -> Tensor:
        """Return the prompt of each object that is kept ``[N, C]``."""
        if self.prompt == 'best' or not kept:
            return graph.states[kept]
        # Where no text is sure at all, all count alike.
        weights = graph.states.new_tensor([item.score for item in graph.objects])
        weights = weights.clamp(min=1e-6)
        owners = torch.tensor(heads, device=weights.device)
        share = (owners == owners.new_tensor(kept)[:, None]) * weights  # [N, n]
        return (share / share.sum(1, keepdim=True)) @ graph.states
