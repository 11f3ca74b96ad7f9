"""A scene graph as the language model generated it."""

from dataclasses import dataclass

from torch import Tensor

from mmfourdpsg.structures.span import Span


@dataclass
class GeneratedObject:
    """An object: its category, and how sure its text is, in ``[0, 1]``."""

    category: str
    score: float


@dataclass
class GeneratedRelation:
    """A relation between two objects of a generated graph.

    Attributes:
        subject: Index of the subject in ``GeneratedGraph.objects``.
        predicate: The predicate.
        object: Index of the object in ``GeneratedGraph.objects``.
        span: Frames of the original video in which it holds.
        score: How sure its text is, in ``[0, 1]``, whatever its objects are.
    """

    subject: int
    predicate: str
    object: int
    span: Span
    score: float


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
    """

    objects: list[GeneratedObject]
    relations: list[GeneratedRelation]
    states: Tensor
    text: str
    num_dropped: int
