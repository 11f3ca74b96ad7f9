"""What a relation head learns from and what it finds, as tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mmfourdpsg.structures import SceneGraph


@dataclass
class RelationTargets:
    """Annotated relations of the object tubes of a video.

    Shapes: ``M`` relations, ``T`` frames.

    Attributes:
        ends: Subject and object of each, places among the tubes, int ``[M, 2]``.
        predicates: Indices ``[M]``.
        spans: bool ``[M, T]``, in which frames each holds; at least one.
        spans_known: Whether the spans are annotated; of an image they are not.
    """

    ends: Tensor
    predicates: Tensor
    spans: Tensor
    spans_known: bool = True

    @classmethod
    def of_graph(
        cls,
        graph: SceneGraph,
        object_ids: Sequence[int],
        present: Tensor,
        frames: Sequence[int],
        predicates: Sequence[str],
        min_frames: int = 1,
        spans_known: bool = True,
    ) -> 'RelationTargets':
        """Return the targets of tubes that show annotated objects.

        A relation counts where both of its objects are found, so that it is of several
        pairs where several tubes show one object.

        Args:
            graph: The annotation.
            object_ids: For each of ``N`` tubes the id of the object that it shows; an
                id that the graph does not have stands for none.
            present: bool ``[N, T]``, where a tube is there.
            frames: Numbers of the ``T`` frames in the video.
            predicates: Names of the predicates, in the head's order.
            min_frames: Least frames of a span in which both tubes are there.
            spans_known: Whether the spans are annotated.

        Raises:
            ValueError: The graph has a predicate that is none of the names.
        """
        shows: dict[int, list[int]] = {}
        for place, object_id in enumerate(object_ids):
            shows.setdefault(int(object_id), []).append(place)
        indices = {name: index for index, name in enumerate(predicates)}
        numbers = torch.as_tensor(frames)
        ends, kinds, spans = [], [], []
        for row in graph.relations:
            if row.predicate not in indices:
                raise ValueError(
                    f'video {graph.video_id!r}: has the predicate {row.predicate!r}, '
                    f'expected one of {sorted(indices)}'
                )
            holds = torch.zeros(len(numbers), dtype=torch.bool)
            for start, end in row.span:
                holds |= (numbers >= start) & (numbers <= end)
            for subject in shows.get(row.subject, ()):
                for obj in shows.get(row.object, ()):
                    span = holds & present[subject].cpu() & present[obj].cpu()
                    if subject != obj and span.sum() >= min_frames:
                        ends.append((subject, obj))
                        kinds.append(indices[row.predicate])
                        spans.append(span)
        device = present.device
        return cls(
            torch.tensor(ends, dtype=torch.long, device=device).reshape(-1, 2),
            torch.tensor(kinds, dtype=torch.long, device=device),
            torch.stack(spans).to(device)
            if spans
            else present.new_zeros(0, len(numbers)),
            spans_known,
        )


@dataclass
class FoundRelations:
    """Relations of the object tubes of a video, the best first.

    Shapes: ``M`` relations, ``T`` frames.

    Attributes:
        ends: Subject and object of each, places among the tubes, int ``[M, 2]``.
        predicates: Indices ``[M]``.
        scores: ``[M]``, in 0..1.
        spans: bool ``[M, T]``, in which frames each holds; at least one.
    """

    ends: Tensor
    predicates: Tensor
    scores: Tensor
    spans: Tensor
