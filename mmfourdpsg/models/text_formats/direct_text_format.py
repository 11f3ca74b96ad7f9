"""The direct text format: one answer that lists relations."""

import re
from collections.abc import Iterable, Sequence

import torch

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.structures import SceneGraph

from ..special_tokens import OBJECT_TOKEN
from .direct_text_reader import DirectTextReader
from .formatted_graph import FormattedGraph, FormattedTurn, TextPart
from .grammar_rules import choice, literal, phrase_rules, time_rules
from .labels import escape_label, unescape_label
from .parsed_graph import ParsedGraph
from .predicate_splitter import PredicateSplitter
from .prompts import DIRECT_INSTRUCTION
from .scene_graph_text_format import DELIMITER, SEGMENT_END, SceneGraphTextFormat

_SEGMENT = re.compile(r'([^;]+)(;?)')
_LONE = re.compile(rf'\s*(\S.*\s[0-9]+)\s+{re.escape(OBJECT_TOKEN)}\s*', re.DOTALL)
_ROW_START = re.compile(rf'[^;\[]*{re.escape(OBJECT_TOKEN)}\s*[^;\s]')
_NUMBER = re.compile(r'(?<!\S)\d+(?!\S)')

_RELATED = f'" " label {literal(f" {DELIMITER} ")}'


@TASK_UTILS.register_module()
class DirectTextFormat(SceneGraphTextFormat):
    """``person 1 [Obj] running toward | person 2 [Obj] 0.20 0.80; lamp 1 [Obj];``.

    The paper's output sequence "o_i [Obj] r_k o_j [Obj] t_s t_e" (section 3.1) with
    numbers that tell instances of a category apart, counted in the order of first
    mention, and a bar where the predicate ends, which nothing else would mark. A span
    of several ranges takes one row each. Rows are sorted by start frame, then by
    subject and object in the order of the graph, then by predicate and end; objects
    without relations follow in the graph's order, or all objects come before the rows
    (``objects_first``).

    The bare form has no bar, as in the paper: :class:`PredicateSplitter` finds where a
    predicate ends and the object's category begins, and the writer puts a bar only
    where it would find another predicate than was written. Both forms are read.
    Reserved characters in labels are escaped, see :func:`escape_label`.

    There is a grammar for the form with bars in which every mention is marked. Where
    objects are not given it lets one be related with itself, which is dropped in
    reading.

    Args:
        categories: Known categories.
        predicates: Known predicates.
        decimals: Digits of a time behind the point.
        mention_unrelated: Whether objects without relations are mentioned, too.
        objects_first: Whether the text begins with a lone mention of every object, so
            that the model looks for objects first and then relates what it has listed.
            The paper's sequence has none.
        objects_only: Whether the text breaks off behind these mentions, for training
            where relations are not to be learned. It needs ``objects_first``.
        shuffle: Whether to write rows in random order, sampled from torch's global
            generator, instead of the sorted one, and lone mentions, too.
        shuffle_relations: Whether rows are, and lone mentions are not. Then a model
            learns to begin with any relation that holds, see :class:`RelationSearch`.
        mark_every_mention: Whether ``[Obj]`` follows every mention of an object, as in
            the paper, or the first one alone. In the latter case rows whose labels
            hold a number as a word are marked all the same, since nothing else tells
            where their mentions end.
        delimited: Whether a bar ends every predicate; False is the bare form.
        max_segments: Most rows and mentions that the grammar lets an answer have; most
            rows, where objects are given.
        max_label_tokens: Longest label that it lets be, in tokens.
        instruction: The user's prompt.

    Raises:
        ValueError: ``objects_only`` without ``objects_first``.
    """

    def __init__(
        self,
        categories: Iterable[str] = (),
        predicates: Iterable[str] = (),
        decimals: int = 2,
        mention_unrelated: bool = True,
        objects_first: bool = False,
        objects_only: bool = False,
        shuffle: bool = False,
        shuffle_relations: bool = False,
        mark_every_mention: bool = True,
        delimited: bool = True,
        max_segments: int = 96,
        max_label_tokens: int = 8,
        instruction: str = DIRECT_INSTRUCTION,
    ) -> None:
        super().__init__(decimals)
        if objects_only and not objects_first:
            raise ValueError('objects_only: expected objects_first to be set, too')
        self.objects_only = objects_only
        self.splitter = PredicateSplitter(categories, predicates)
        self.mention_unrelated = mention_unrelated
        self.objects_first = objects_first
        self.shuffle = shuffle
        self.shuffle_relations = shuffle or shuffle_relations
        self.mark_every_mention = mark_every_mention
        self.delimited = delimited
        self.max_segments = max_segments
        self.max_label_tokens = max_label_tokens
        self.instruction = instruction

    @property
    def num_turns(self) -> int:
        """One."""
        return 1

    @property
    def turn_names(self) -> tuple[str, ...]:
        """All at once."""
        return ('scene graph',)

    def prompt(self, turn: int, answers: Sequence[str]) -> str:
        """Return the instruction; there is no other turn."""
        return self.instruction

    @property
    def lists_objects(self) -> bool:
        """Whether objects come first, in a form that has a grammar."""
        return self.objects_first and self._has_grammar

    @property
    def _has_grammar(self) -> bool:
        return self.delimited and self.mark_every_mention

    def listed_objects(self, answer: str) -> tuple[list[str], bool]:
        """Return the lone mentions that an answer begins with, each once."""
        end = self._list_end(answer)
        objects = self.parse([answer[:end]], 1).objects
        is_over = _ROW_START.match(answer, end) is not None
        return [item.category for item in objects], is_over

    def _list_end(self, answer: str) -> int:
        """Return where the lone mentions end that an answer begins with."""
        end = 0
        for match in _SEGMENT.finditer(answer):
            if not match[2] or _LONE.fullmatch(match[1]) is None:
                break
            end = match.end()
        return end

    def grammar(
        self, turn: int, answers: Sequence[str], listed: Sequence[str] | None = None
    ) -> str | None:
        """Return the grammar of the answer; None for the bare form, which has none."""
        if not self._has_grammar:
            return None
        if listed is not None:
            return self._grammar_of(listed)
        return '\n'.join(
            [
                f'root ::= segment (" " segment){{0,{self.max_segments - 1}}}',
                f'segment ::= mention ({_RELATED} mention " " range)? '
                f'{literal(SEGMENT_END)}',
                'mention ::= label " " [1-9] [0-9]? " " object_token',
                phrase_rules('label', self.max_label_tokens),
                time_rules('range', self.decimals),
            ]
        )

    def _grammar_of(self, listed: Sequence[str]) -> str:
        """Return the grammar of an answer about some objects."""
        counts: dict[str, int] = {}
        names = []
        for category in listed:
            counts[category] = counts.get(category, 0) + 1
            names.append(f'{escape_label(category)} {counts[category]}')
        lone = ' " " '.join(
            f'{literal(f"{name} ")} object_token {literal(SEGMENT_END)}'
            for name in names
        )
        if len(names) < 2:
            return f'root ::= {lone}'
        return '\n'.join(
            [
                f'root ::= {lone} (" " row){{0,{self.max_segments}}}',
                *self._row_rules(names),
            ]
        )

    def _row_rules(self, names: Sequence[str]) -> list[str]:
        """Return the rules of a row about two of some objects."""
        rows = []
        for name in names:
            others = choice(f'{other} ' for other in names if other != name)
            rows.append(
                f'{literal(f"{name} ")} object_token {_RELATED} ({others}) object_token'
            )
        return [
            f'row ::= ({" | ".join(rows)}) " " range {literal(SEGMENT_END)}',
            phrase_rules('label', self.max_label_tokens),
            time_rules('range', self.decimals),
        ]

    def relation_start(self, answers: Sequence[str]) -> tuple[int, str] | None:
        """Return the list of objects that the answer begins with, if it has two."""
        if not self.lists_objects or not answers:
            return None
        before = answers[0][: self._list_end(answers[0])]
        return (0, before) if len(_names(before)) > 1 else None

    def relation_grammar(
        self, turn: int, answers: Sequence[str], before: str
    ) -> tuple[str, str]:
        """Return the grammar of a row about two listed objects, behind the list."""
        rules = self._row_rules(_names(before))
        return before, '\n'.join(['root ::= " " row', *rules])

    def format(self, scene_graph: SceneGraph) -> FormattedGraph:
        """Write a scene graph; see the class.

        Args:
            scene_graph: A graph with objects and relations.

        Returns:
            Its text, in one turn; each row and each lone mention is a segment.
        """
        place = {item.id: i for i, item in enumerate(scene_graph.objects)}
        rows = [
            (start, place[row.subject], place[row.object], row.predicate, end)
            for row in scene_graph.relations
            for start, end in row.span
        ]
        lone = [
            i
            for i in range(len(scene_graph.objects))
            if self.objects_first
            or (self.mention_unrelated and all(i not in row[1:3] for row in rows))
        ]
        rows.sort()
        if self.shuffle_relations:
            rows = [rows[i] for i in torch.randperm(len(rows))]
        if self.shuffle:
            lone = [lone[i] for i in torch.randperm(len(lone))]

        turn = FormattedTurn()
        mentioned: dict[int, tuple[str, int]] = {}

        def mention(index: int) -> tuple[str, int]:
            if index not in mentioned:
                category = scene_graph.objects[index].category
                number = 1 + sum(other == category for other, _ in mentioned.values())
                mentioned[index] = (category, number)
            return mentioned[index]

        def list_lone() -> None:
            for index in lone:
                category, number = mention(index)
                marked.add(index)
                name = escape_label(category)
                turn.add(
                    f'{name} {number} {OBJECT_TOKEN};',
                    scene_graph.objects[index].id,
                    parts=[TextPart('mention', 0, len(name))],
                )

        marked: set[int] = set()

        def mark(index: int, label: str) -> list[int]:
            """Return the object's index in a list, or nothing if it goes unmarked."""
            if index in marked and not self.mark_every_mention:
                return [index] if _NUMBER.search(label) else []
            marked.add(index)
            return [index]

        if self.objects_first:
            list_lone()
        if self.objects_only:
            turn.is_open = True
            return FormattedGraph([turn])
        for start, subject, obj, predicate, end in rows:
            subject_key = mention(subject)
            seen = set(mentioned.values())
            object_key = mention(obj)
            words = f'{escape_label(predicate)} {escape_label(object_key[0])}'.split()
            cut = self.splitter.split(words, object_key[1], subject_key, seen)
            is_misread = unescape_label(' '.join(words[:cut])) != predicate
            if self.delimited or is_misread:
                words.insert(len(escape_label(predicate).split()), DELIMITER)
            times = self.format_times(start, end, scene_graph.num_frames)
            # A number as a word would be taken for that of an unmarked mention.
            label = f'{subject_key[0]} {predicate} {object_key[0]}'
            marks = [mark(index, label) for index in (subject, obj)]
            ends = [f' {OBJECT_TOKEN}' if indices else '' for indices in marks]
            subject_name = escape_label(subject_key[0])
            object_name = escape_label(object_key[0])
            head = f'{subject_name} {subject_key[1]}{ends[0]} '
            relation = ' '.join(words)
            tail = f' {object_key[1]}{ends[1]} '
            middle = len(head) + len(relation)
            last = middle + len(tail)
            turn.add(
                f'{head}{relation}{tail}{times};',
                *(scene_graph.objects[i].id for i in [*marks[0], *marks[1]]),
                parts=[
                    TextPart('subject', 0, len(subject_name)),
                    TextPart(
                        'predicate',
                        len(head),
                        len(head) + len(escape_label(predicate)),
                    ),
                    TextPart('object', middle - len(object_name), middle),
                    TextPart('times', last, last + len(times)),
                ],
            )
        if not self.objects_first:
            list_lone()
        return FormattedGraph([turn])

    def parse(self, turns: Sequence[str], num_frames: int) -> ParsedGraph:
        """Read an answer.

        Args:
            turns: The answer, in a sequence.
            num_frames: Frames of the original video.

        Returns:
            The graph. A segment that is no row and no mention is dropped as a whole,
            and so are a row that relates an object with itself and a last row that
            breaks off within its times.
        """
        reader = DirectTextReader(
            self.splitter, self.parse_times, self.decimals, num_frames
        )
        for match in _SEGMENT.finditer(turns[0] if turns else ''):
            if match[1].strip() and not reader.read(match[1], match.span(1), match[2]):
                reader.graph.dropped.append(match[1].strip())
        return reader.graph


def _names(text: str) -> list[str]:
    """Return the names that a list of lone mentions has, each once."""
    segments = text.split(SEGMENT_END)
    matches = [_LONE.fullmatch(segment) for segment in segments]
    return list(dict.fromkeys(match[1] for match in matches if match))
