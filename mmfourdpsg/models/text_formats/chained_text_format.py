"""The chained text format: objects, pairs, relations and times, one answer each."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import torch

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.structures import Relation, SceneGraph
from mmfourdpsg.utils import InputError

from ..special_tokens import OBJECT_TOKEN
from .chained_grammar import ChainedGrammar
from .chained_text_reader import (
    EXTENTS,
    NOTHING,
    UNDESCRIBED,
    UNEXPLAINED,
    ChainedTextReader,
    object_names,
)
from .formatted_graph import FormattedGraph, FormattedTurn, TextPart
from .in_context_examples import load_examples
from .labels import escape_label
from .parsed_graph import ParsedGraph
from .prompts import CHAINED_INSTRUCTION, CHAINED_STAGES, EXAMPLES_HEADING
from .scene_graph_text_format import DELIMITER, SEGMENT_END, SceneGraphTextFormat

NUM_STAGES = len(CHAINED_STAGES)


@TASK_UTILS.register_module()
class ChainedTextFormat(SceneGraphTextFormat):
    """Chained scene graph inference, four answers (paper, section 3.2, appendix E).

    1. Each object's description, then its category, where its one ``[Obj]`` stands:
       ``small, at the left, moving right | cup [Obj];``
    2. The pairs that are related, and why: ``cup 1 | table 1 | they touch;``
    3. Their relations: ``cup 1 | sliding on | table 1;``
    4. When each holds: ``cup 1 | sliding on | table 1 | continuous 0.00 0.50;``

    The rows of the fourth are the final quintuples. Objects are numbered within their
    category in the order of the first answer. Pairs stand in the order of their first
    relation in time, the relations of a pair likewise, and relations in the fourth
    answer as in the third. A relation that holds for one stretch of time is
    ``continuous``, or ``momentary`` if it is short, and for several ``intermittent``,
    with a comma between them. An answer that has nothing to list is ``none;``.

    Descriptions and reasons are those of the graph's objects and relations. Reserved
    characters in labels are escaped, see :func:`escape_label`.

    The grammar of each answer lets it name nothing but the objects, pairs and relations
    of the answers before, each pair and each relation in turn, and has times in order;
    labels, descriptions and reasons may be any words.

    Args:
        categories: Known categories, needed if ``closed_vocabulary``.
        predicates: Known predicates, likewise.
        closed_vocabulary: Whether answers may use known labels alone.
        decimals: Digits of a time behind the point.
        objects_only: Whether there is the first answer alone, for training where
            relations are not to be learned.
        shuffle: Whether objects and pairs are written in random order, sampled from
            torch's global generator, rather than in the graph's and that of time.
        shuffle_relations: Whether pairs are, and objects are not. Then a model learns
            to begin with any pair that is related, see :class:`RelationSearch`.
        momentary: Share of the video below which one stretch of time is called
            momentary.
        instruction: What the first prompt begins with.
        stages: The prompt of each stage.
        in_context_examples: Examples in the first prompt: ``appendix_e``, the paper's,
            or files of scene graphs in the JSON format, with descriptions and reasons.
        max_objects: Most objects that an answer may list, unless they are given.
        max_pairs: Most pairs.
        max_predicates: Most relations of a pair.
        max_ranges: Most stretches of time of a relation.
        max_label_tokens: Longest label, in tokens of the language model.
        max_phrase_tokens: Longest description or reason, likewise.

    Raises:
        InputError: An example cannot be read, there are not four stages, or a closed
            vocabulary is empty.
    """

    def __init__(
        self,
        categories: Iterable[str] = (),
        predicates: Iterable[str] = (),
        closed_vocabulary: bool = False,
        decimals: int = 2,
        objects_only: bool = False,
        shuffle: bool = False,
        shuffle_relations: bool = False,
        momentary: float = 0.1,
        instruction: str = CHAINED_INSTRUCTION,
        stages: Sequence[str] = CHAINED_STAGES,
        in_context_examples: Sequence[str] = (),
        max_objects: int = 64,
        max_pairs: int = 64,
        max_predicates: int = 4,
        max_ranges: int = 4,
        max_label_tokens: int = 8,
        max_phrase_tokens: int = 48,
    ) -> None:
        super().__init__(decimals)
        if len(stages) != NUM_STAGES:
            raise InputError(
                f'text format: {len(stages)} stages, expected {NUM_STAGES} prompts'
            )
        categories, predicates = list(categories), list(predicates)
        if closed_vocabulary and not (categories and predicates):
            raise InputError(
                'text format: closed_vocabulary is set, expected categories and '
                'predicates'
            )
        self.num_stages = 1 if objects_only else NUM_STAGES
        self.shuffle = shuffle
        self.shuffle_relations = shuffle or shuffle_relations
        self.momentary = momentary
        self.instruction = instruction
        self.stages = tuple(stages)
        self.examples = load_examples(in_context_examples)
        self.reader = ChainedTextReader(self.parse_times)
        self.grammars = ChainedGrammar(
            decimals,
            categories if closed_vocabulary else (),
            predicates if closed_vocabulary else (),
            max_objects=max_objects,
            max_pairs=max_pairs,
            max_predicates=max_predicates,
            max_ranges=max_ranges,
            max_label_tokens=max_label_tokens,
            max_phrase_tokens=max_phrase_tokens,
        )

    @property
    def num_turns(self) -> int:
        """Four, one a stage, or the first alone."""
        return self.num_stages

    @property
    def turn_names(self) -> tuple[str, ...]:
        """What each stage finds out."""
        return ('objects', 'pairs', 'relations', 'times')[: self.num_stages]

    def prompt(self, turn: int, answers: Sequence[str]) -> str:
        """Return the prompt of a stage; the first holds the task and the examples."""
        if turn > 0:
            return self.stages[turn]
        parts = [self.instruction, self._example_text, self.stages[0]]
        return '\n'.join(part for part in parts if part)

    @property
    def lists_objects(self) -> bool:
        """Always."""
        return True

    def listed_objects(self, answer: str) -> tuple[list[str], bool]:
        """Return the objects of the first answer, which holds nothing else."""
        objects = self.parse([answer], 1).objects
        return [item.category for item in objects], False

    def grammar(
        self, turn: int, answers: Sequence[str], listed: Sequence[str] | None = None
    ) -> str:
        """Return the grammar of a stage's answer.

        Args:
            turn: Which stage, from 0.
            answers: The answers of the stages before.
            listed: Categories of the objects that the first one is to describe, at
                least one.
        """
        found = self.reader.read(answers[:turn], 1)
        names = object_names(found.graph.objects)
        if turn == 0:
            return self.grammars.objects(listed)
        if turn == 1:
            return self.grammars.pairs(names)
        if turn == 2:
            return self.grammars.relations(
                [(names[subject], names[obj]) for subject, obj in found.graph.pairs]
            )
        return self.grammars.times(
            [
                (names[subject], escape_label(predicate), names[obj])
                for subject, predicate, obj in found.triplets
            ]
        )

    def relation_start(self, answers: Sequence[str]) -> tuple[int, str] | None:
        """Return the turn of pairs, where two objects are listed."""
        objects = self.reader.read(answers[:1], 1).graph.objects
        return (1, '') if len(objects) > 1 and self.num_stages > 1 else None

    def relation_grammar(
        self, turn: int, answers: Sequence[str], before: str
    ) -> tuple[str, str]:
        """Return the grammar of one pair, relation or extent, behind what is known."""
        found = self.reader.read(answers[:turn], 1)
        names = object_names(found.graph.objects)
        if turn == 1:
            return '', self.grammars.pairs(names, is_single=True)
        if turn == 2:
            ((subject, obj),) = found.graph.pairs
            return f'{names[subject]} {DELIMITER}', self.grammars.relation_of(
                names[obj]
            )
        ((subject, predicate, obj),) = found.triplets
        fields = names[subject], escape_label(predicate), names[obj], ''
        return f' {DELIMITER} '.join(fields).rstrip(), self.grammars.times_of()

    def is_decisive(self, turn: int, answer: str) -> bool:
        """Return whether it is no reason that comes next, which tells nothing new."""
        return turn != 1 or answer.count(DELIMITER) < 2

    def close(self, turn: int, answer: str) -> str:
        """Return an answer up to its last whole segment; ``none;`` if there is none."""
        return super().close(turn, answer) or NOTHING

    def format(self, scene_graph: SceneGraph) -> FormattedGraph:
        """Write a scene graph; see the class.

        Args:
            scene_graph: A graph with objects and relations.

        Returns:
            Its text, a turn a stage.
        """
        turns = self._format(scene_graph, self.shuffle, self.shuffle_relations).turns
        return FormattedGraph(turns[: self.num_stages])

    def _format(
        self,
        scene_graph: SceneGraph,
        shuffle: bool = False,
        shuffle_relations: bool = False,
    ) -> FormattedGraph:
        objects = scene_graph.objects
        order = list(range(len(objects)))
        if shuffle:
            order = torch.randperm(len(order)).tolist()
        names: dict[int, str] = {}
        counts: dict[str, int] = {}
        turns = [FormattedTurn() for _ in range(NUM_STAGES)]
        for index in order:
            item = objects[index]
            label = escape_label(item.category)
            counts[label] = counts.get(label, 0) + 1
            names[item.id] = f'{label} {counts[label]}'
            description = escape_label(item.description or UNDESCRIBED)
            start = len(f'{description} {DELIMITER} ')
            turns[0].add(
                f'{description} {DELIMITER} {label} {OBJECT_TOKEN}{SEGMENT_END}',
                item.id,
                parts=[
                    TextPart('description', 0, len(description)),
                    TextPart('mention', start, start + len(label)),
                ],
            )
        for pair in _pairs(scene_graph, shuffle_relations):
            ends = [names[index] for index in (pair[0].subject, pair[0].object)]
            reasons = [row.reason for row in pair if row.reason]
            reason = escape_label(reasons[0] if reasons else UNEXPLAINED)
            _add_row(turns[1], [*ends, reason], subject=0, object=1, reason=2)
            for row in pair:
                fields = [ends[0], escape_label(row.predicate), ends[1]]
                _add_row(turns[2], fields, predicate=1)
                times = self._times(row, scene_graph.num_frames)
                _add_row(turns[3], [*fields, times], times=3)
        for turn in turns:
            if not turn.segments:
                turn.add(NOTHING)
        return FormattedGraph(turns)

    def parse(self, turns: Sequence[str], num_frames: int) -> ParsedGraph:
        """Read answers.

        Args:
            turns: The answers. Without the fourth, relations hold throughout the video
                for the time being; without the third there are none.
            num_frames: Frames of the original video.

        Returns:
            The graph. A segment that is not of its stage's form, or names an object
            that the first answer does not list, is dropped; so is a relation of the
            third answer that a fourth answer passes over.
        """
        return self.reader.read(turns, num_frames).graph

    @cached_property
    def _example_text(self) -> str:
        """All examples, as an answer to each stage."""
        lines = [EXAMPLES_HEADING] if self.examples else []
        for number, graph in enumerate(self.examples, 1):
            lines.append(f'[Example-{number}]')
            for stage, turn in enumerate(self._format(graph).turns, 1):
                lines.append(f'Inference stage {stage}: {turn.text}')
        return '\n'.join(lines)

    def _times(self, row: Relation, num_frames: int) -> str:
        ranges = [self.format_times(s, e, num_frames) for s, e in row.span]
        continuous, momentary, intermittent = EXTENTS
        if len(ranges) > 1:
            return f'{intermittent} {", ".join(ranges)}'
        start, end = row.span[0]
        short = (end + 1 - start) < self.momentary * num_frames
        return f'{momentary if short else continuous} {ranges[0]}'


def _add_row(turn: FormattedTurn, fields: Sequence[str], **kinds: int) -> None:
    """Append a row of fields.

    Args:
        turn: The answer.
        fields: The fields.
        **kinds: Kind of a part that is decided here -> which field it is.
    """
    parts = []
    for kind, place in kinds.items():
        start = sum(len(f'{field} {DELIMITER} ') for field in fields[:place])
        text = fields[place]
        if kind in ('subject', 'object'):
            # Its category: the number was given before.
            text = text.rpartition(' ')[0]
        parts.append(TextPart(kind, start, start + len(text)))
    turn.add(f' {DELIMITER} '.join(fields) + SEGMENT_END, parts=parts)


def _pairs(scene_graph: SceneGraph, shuffle: bool) -> list[list[Relation]]:
    """Return the relations of each pair, in the order in which they are written."""
    place = {item.id: i for i, item in enumerate(scene_graph.objects)}
    rows = sorted(
        (row for row in scene_graph.relations if row.span),
        key=lambda row: (
            row.span[0][0],
            place[row.subject],
            place[row.object],
            row.predicate,
        ),
    )
    pairs: dict[tuple[int, int], list[Relation]] = {}
    for row in rows:
        pairs.setdefault((row.subject, row.object), []).append(row)
    found = list(pairs.values())
    if shuffle:
        found = [found[i] for i in torch.randperm(len(found))]
    return found
