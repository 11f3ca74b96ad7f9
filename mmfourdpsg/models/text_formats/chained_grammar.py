"""The grammars of the chained text format's answers."""

from collections.abc import Iterable, Sequence

from .chained_text_reader import EXTENTS, NOTHING
from .grammar_rules import choice, literal, phrase_rules, time_rules
from .labels import escape_label
from .scene_graph_text_format import DELIMITER, SEGMENT_END

_END = f' {DELIMITER} '


class ChainedGrammar:
    """Writes a grammar for each answer, see :meth:`SceneGraphTextFormat.grammar`.

    Args:
        decimals: Digits of a time behind the point.
        categories: The categories that may be said; none lets any be.
        predicates: Likewise.
        max_objects: Most objects of an answer.
        max_pairs: Most pairs.
        max_predicates: Most relations of a pair.
        max_ranges: Most stretches of time of a relation.
        max_label_tokens: Longest label, in tokens.
        max_phrase_tokens: Longest description or reason, in tokens.
    """

    def __init__(
        self,
        decimals: int,
        categories: Iterable[str],
        predicates: Iterable[str],
        max_objects: int,
        max_pairs: int,
        max_predicates: int,
        max_ranges: int,
        max_label_tokens: int,
        max_phrase_tokens: int,
    ) -> None:
        self.categories = [escape_label(label) for label in categories]
        self.predicates = [escape_label(label) for label in predicates]
        self.max_objects = max_objects
        self.max_pairs = max_pairs
        self.max_predicates = max_predicates
        self.max_ranges = max_ranges
        self.max_label_tokens = max_label_tokens
        self.max_phrase_tokens = max_phrase_tokens
        self._times = time_rules('range', decimals)

    def objects(self, listed: Sequence[str] | None = None) -> str:
        """Return the grammar of descriptions and categories.

        Args:
            listed: The categories, as they are to come, at least one; None lets any
                come, and at most ``max_objects``.
        """
        phrase = phrase_rules('phrase', self.max_phrase_tokens)
        if listed is None:
            return _join(
                f'root ::= {_list("object", self.max_objects)} | {literal(NOTHING)}',
                f'object ::= {_described("label")}',
                phrase,
                self._labels(self.categories),
            )
        rows = [_described(literal(escape_label(category))) for category in listed]
        return _join(f'root ::= {_spaced(rows)}', phrase)

    def pairs(self, names: Sequence[str], is_single: bool = False) -> str:
        """Return the grammar of pairs and reasons.

        Args:
            names: The objects' names.
            is_single: Whether it is to be one pair, no more and no less.
        """
        if len(names) < 2:
            return _join(f'root ::= {literal(NOTHING)}')
        rows = [
            f'{literal(name + _END)} '
            f'({choice(other for other in names if other != name)})'
            for name in names
        ]
        root = f'{_list("pair", self.max_pairs)} | {literal(NOTHING)}'
        return _join(
            f'root ::= {"pair" if is_single else root}',
            f'pair ::= ({" | ".join(rows)}) {literal(_END)} phrase '
            f'{literal(SEGMENT_END)}',
            phrase_rules('phrase', self.max_phrase_tokens),
        )

    def relations(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Return the grammar of relations, which takes one pair after the other.

        Args:
            pairs: Names of the pairs' subjects and objects.
        """
        if not pairs:
            return _join(f'root ::= {literal(NOTHING)}')
        root = [_list(f'pair_{i}', self.max_predicates) for i in range(len(pairs))]
        rows = [
            f'pair_{i} ::= {literal(subject + _END)} label '
            f'{literal(_END + obj + SEGMENT_END)}'
            for i, (subject, obj) in enumerate(pairs)
        ]
        return _join(f'root ::= {_spaced(root)}', *rows, self._labels(self.predicates))

    def times(self, triplets: Sequence[tuple[str, str, str]]) -> str:
        """Return the grammar of times, which takes one relation after the other.

        Args:
            triplets: Names and predicates, as they are written.
        """
        if not triplets:
            return _join(f'root ::= {literal(NOTHING)}')
        rows = [f'{literal(_END.join(triplet) + _END)} extent' for triplet in triplets]
        return _join(
            f'root ::= {_spaced(rows)}',
            *self._extent(),
        )

    def relation_of(self, obj: str) -> str:
        """Return the grammar of a single relation behind its subject and a bar.

        Args:
            obj: Name of the object.
        """
        return _join(
            f'root ::= " " label {literal(_END + obj + SEGMENT_END)}',
            self._labels(self.predicates),
        )

    def times_of(self) -> str:
        """Return the grammar of a single relation's times behind it and a bar."""
        return _join('root ::= " " extent', *self._extent())

    def _extent(self) -> list[str]:
        continuous, momentary, intermittent = EXTENTS
        more = f'(", " range){{1,{max(self.max_ranges - 1, 1)}}}'
        return [
            f'extent ::= (({choice([continuous, momentary])}) " " range | '
            f'{literal(f"{intermittent} ")} range {more}) {literal(SEGMENT_END)}',
            self._times,
        ]

    def _labels(self, known: Sequence[str]) -> str:
        if known:
            return f'label ::= {choice(known)}'
        return phrase_rules('label', self.max_label_tokens)


def _described(label: str) -> str:
    """Return the grammar of an object, by that of its category."""
    end = literal(SEGMENT_END)
    return f'phrase {literal(_END)} {label} " " object_token {end}'


def _list(rule: str, most: int) -> str:
    """Return one to ``most`` of a rule, with spaces between."""
    return f'{rule} (" " {rule}){{0,{most - 1}}}'


def _spaced(parts: Sequence[str]) -> str:
    return ' " " '.join(parts)


def _join(*rules: str) -> str:
    return '\n'.join(rules)
