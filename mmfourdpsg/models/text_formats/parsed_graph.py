"""A scene graph read from text."""

from dataclasses import dataclass, field

from mmfourdpsg.structures.span import Span

TextRange = tuple[int, int, int]
"""Turn, first character, one past the last character."""


@dataclass
class ParsedObject:
    """An object that a text mentions.

    Attributes:
        category: Its category.
        number: Which of its category it is, as written.
        mentions: Where its mentions stand.
        prompts: Where its ``[Obj]`` tokens stand.
        description: What is said of it before it is named, or nothing.
    """

    category: str
    number: int
    mentions: list[TextRange] = field(default_factory=list)
    prompts: list[TextRange] = field(default_factory=list)
    description: str = ''


@dataclass
class ParsedRelation:
    """A relation that a text states.

    Attributes:
        subject: Index of the subject in the parsed graph.
        predicate: The predicate.
        object: Index of the object in the parsed graph.
        span: Frames in which it holds.
        statements: Where it stands, once for each time that it is stated, as for each
            of its frame ranges. A statement may be spread over several turns.
        reason: Why its objects were said to be related, or nothing.
    """

    subject: int
    predicate: str
    object: int
    span: Span
    statements: list[list[TextRange]]
    reason: str = ''


@dataclass
class ParsedGraph:
    """What could be read from a text.

    Attributes:
        objects: Objects, in the order of their first mention.
        relations: Relations, in the order of their first row; no triplet twice.
        dropped: The segments that could not be read.
        pairs: Why objects were said to be related, by the indices of subject and
            object, in the order in which pairs were listed; empty where none were.
    """

    objects: list[ParsedObject] = field(default_factory=list)
    relations: list[ParsedRelation] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    pairs: dict[tuple[int, int], str] = field(default_factory=dict)
