"""A scene graph as the language model generated it."""

from dataclasses import dataclass, field

from torch import Tensor

from mmfourdpsg.structures.span import Span


@dataclass
class GeneratedObject:
    """An object of a generated graph.

    Attributes:
        category: Its category.
        score: How sure its text is, in ``[0, 1]``, or its share of the votes, see
            :class:`ObjectVote`.
        description: What was said of it, or nothing.
        in_first_sample: Whether the first sample names it, which is the greedy one.
    """

    category: str
    score: float
    description: str = ''
    in_first_sample: bool = True


@dataclass
class GeneratedRelation:
    """A relation between two objects of a generated graph.

    Attributes:
        subject: Index of the subject in ``GeneratedGraph.objects``.
        predicate: The predicate.
        object: Index of the object in ``GeneratedGraph.objects``.
        span: Frames of the original video in which it holds.
        score: How sure its text is, in ``[0, 1]``, whatever its objects are.
        reason: Why its objects were said to be related, or nothing.
    """

    subject: int
    predicate: str
    object: int
    span: Span
    score: float
    reason: str = ''


@dataclass
class GeneratedGraph:
    """What the head hands to the tube decoder.

    Shapes: ``N`` objects, ``C`` width of the language model.

    Attributes:
        objects: The objects.
        relations: The relations, best score first.
        states: Mean hidden state of each object's ``[Obj]`` tokens ``[N, C]``.
        text: The answers, samples and turns joined by newlines.
        num_dropped: Number of segments of the text that could not be read.
        pairs: Why objects were said to be related, by the indices of subject and
            object; empty where the text lists no pairs.
    """

    objects: list[GeneratedObject]
    relations: list[GeneratedRelation]
    states: Tensor
    text: str
    num_dropped: int
    pairs: dict[tuple[int, int], str] = field(default_factory=dict)
