import re

import pytest
import torch
import xgrammar
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from mmfourdpsg.models.text_formats import ChainedTextFormat, DirectTextFormat
from mmfourdpsg.models.text_formats.grammar_rules import time_rules
from mmfourdpsg.models.text_formats.in_context_examples import APPENDIX_E
from mmfourdpsg.models.text_formats.labels import unescape_label
from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneObject,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError


def make_graph(objects, relations, num_frames=100):
    return SceneGraph(
        'v',
        4,
        4,
        num_frames,
        [
            SceneObject(object_id, category, description=description)
            for object_id, category, description in objects
        ],
        [Relation(*row[:4], reason=row[4]) for row in relations],
    )


@pytest.fixture
def graph():
    return make_graph(
        [
            (7, 'cup', 'small, at the left'),
            (3, 'table', ''),
            (5, 'cup', 'red, moving right'),
        ],
        [
            (7, 'on', 3, [(50, 99)], 'they touch'),
            (5, 'pushing', 7, [(20, 24)], 'they touch'),
            (5, 'hitting', 7, [(10, 14), (40, 49)], ''),
        ],
    )


@pytest.fixture(scope='module')
def accepts(repository):
    """Whether a grammar accepts a text, as the tiny LLaMA's tokenizer writes it."""
    tokenizer = AutoTokenizer.from_pretrained(
        repository / 'checkpoints/tabletop/tiny_llama'
    )
    tokenizer.add_tokens(['[Obj]'], special_tokens=True)
    mark = tokenizer.convert_tokens_to_ids('[Obj]')
    compiler = xgrammar.GrammarCompiler(
        xgrammar.TokenizerInfo.from_huggingface(
            tokenizer,
            vocab_size=len(tokenizer),
            stop_token_ids=[tokenizer.eos_token_id],
        )
    )

    def check(grammar, text):
        compiled = compiler.compile_grammar(
            f'{grammar}\nobject_token ::= Token({mark})'
        )
        matcher = xgrammar.GrammarMatcher(compiled)
        ids = tokenizer(text, add_special_tokens=False).input_ids
        return all(
            matcher.accept_token(token) for token in [*ids, tokenizer.eos_token_id]
        )

    return check


def texts(text_format, graph):
    return [turn.text for turn in text_format.format(graph).turns]


def test_four_answers_say_what_and_why_and_how_and_when(graph):
    assert texts(ChainedTextFormat(), graph) == [
        'small, at the left | cup [Obj]; something | table [Obj]; '
        'red, moving right | cup [Obj];',
        'cup 2 | cup 1 | they touch; cup 1 | table 1 | they touch;',
        'cup 2 | hitting | cup 1; cup 2 | pushing | cup 1; cup 1 | on | table 1;',
        'cup 2 | hitting | cup 1 | intermittent 0.10 0.15, 0.40 0.50; '
        'cup 2 | pushing | cup 1 | momentary 0.20 0.25; '
        'cup 1 | on | table 1 | continuous 0.50 1.00;',
    ]


def test_each_object_is_marked_once_where_it_is_introduced(graph):
    turns = ChainedTextFormat().format(graph).turns
    assert [turn.mentioned_ids for turn in turns] == [[7, 3, 5], [], [], []]
    assert [turn.text.count('[Obj]') for turn in turns] == [3, 0, 0, 0]


def test_parts_of_a_text_are_labels_phrases_and_times(graph):
    turns = ChainedTextFormat().format(graph).turns
    parts = [
        [(part.kind, turn.text[part.start : part.end]) for part in turn.text_parts]
        for turn in turns
    ]
    assert parts[0][2:4] == [('description', 'something'), ('mention', 'table')]
    # Each where it is decided, and without the number of an object.
    assert parts[1][:3] == [
        ('subject', 'cup'), ('object', 'cup'), ('reason', 'they touch'),
    ]  # fmt: skip
    assert parts[2] == [
        ('predicate', 'hitting'), ('predicate', 'pushing'), ('predicate', 'on'),
    ]  # fmt: skip
    assert parts[3][1] == ('times', 'momentary 0.20 0.25')


def test_objects_alone_are_the_first_answer(graph):
    text_format = ChainedTextFormat(objects_only=True)
    assert text_format.num_turns == len(text_format.turn_names) == 1
    written = texts(text_format, graph)
    assert written == texts(ChainedTextFormat(), graph)[:1]
    assert [item.category for item in text_format.parse(written, 100).objects] == [
        'cup',
        'table',
        'cup',
    ]


def test_nothing_to_list_is_said(accepts):
    text_format = ChainedTextFormat()
    empty = make_graph([], [])
    assert texts(text_format, empty) == ['none;'] * 4
    parsed = text_format.parse(['none;'] * 4, 10)
    assert parsed.objects == parsed.relations == parsed.dropped == []
    for turn in range(4):
        assert accepts(text_format.grammar(turn, ['none;'] * turn), 'none;')


def read(parsed):
    """Categories, descriptions and relations, with objects by category and number."""
    names = [(item.category, item.number) for item in parsed.objects]
    rows = [
        (names[row.subject], row.predicate, names[row.object], row.span, row.reason)
        for row in parsed.relations
    ]
    return list(zip(names, [x.description for x in parsed.objects], strict=True)), rows


def test_what_is_read_is_what_was_written(graph):
    text_format = ChainedTextFormat()
    parsed = text_format.parse(texts(text_format, graph), 100)
    assert parsed.dropped == []
    assert read(parsed) == (
        [
            (('cup', 1), 'small, at the left'),
            (('table', 1), ''),
            (('cup', 2), 'red, moving right'),
        ],
        [
            (('cup', 2), 'hitting', ('cup', 1), [(10, 14), (40, 49)], 'they touch'),
            (('cup', 2), 'pushing', ('cup', 1), [(20, 24)], 'they touch'),
            (('cup', 1), 'on', ('table', 1), [(50, 99)], 'they touch'),
        ],
    )


def test_pairs_are_read_before_their_relations_are_known(graph):
    text_format = ChainedTextFormat()
    written = texts(text_format, graph)
    pairs = {(2, 0): 'they touch', (0, 1): 'they touch'}
    assert text_format.parse(written[:1], 100).pairs == {}
    for count in (2, 3, 4):
        assert text_format.parse(written[:count], 100).pairs == pairs
    assert not text_format.parse(written[:2], 100).relations
    unexplained = text_format.parse([written[0], 'cup 1 | table 1 | related;'], 100)
    assert unexplained.pairs == {(0, 1): ''}


def test_each_turn_has_the_name_of_what_it_finds_out():
    names = ChainedTextFormat().turn_names
    assert names == ('objects', 'pairs', 'relations', 'times')
    assert len(names) == ChainedTextFormat().num_turns
    assert DirectTextFormat().turn_names == ('scene graph',)


def test_a_relation_is_stated_by_its_pair_its_predicate_and_its_times(graph):
    text_format = ChainedTextFormat()
    written = texts(text_format, graph)
    parsed = text_format.parse(written, 100)
    (statement,) = parsed.relations[1].statements
    assert [written[turn][start:end] for turn, start, end in statement] == [
        'cup 2 | cup 1',
        'cup 2 | pushing | cup 1',
        'cup 2 | pushing | cup 1 | momentary 0.20 0.25',
    ]
    ((turn, start, end),) = parsed.objects[2].mentions
    assert written[turn][start:end] == 'cup [Obj]'
    ((turn, start, end),) = parsed.objects[2].prompts
    assert written[turn][start:end] == '[Obj]'


def test_the_graph_grows_with_the_answers(graph):
    text_format = ChainedTextFormat()
    written = texts(text_format, graph)
    assert len(text_format.parse(written[:1], 100).objects) == 3
    assert text_format.parse(written[:2], 100).relations == []
    early = text_format.parse(written[:3], 100).relations
    assert [row.span for row in early] == [[(0, 99)]] * 3
    assert not text_format.parse(written[:3], 100).dropped


WORDS = st.sampled_from(
    ['cup', 'on', 'a;b', 'x|y', '[Obj]', '1', '12', 'none', 'a,', '<scene>', '\\u', 'é']
)
LABELS = st.lists(WORDS, min_size=1, max_size=3).map(' '.join) | st.text(
    min_size=1, max_size=6
).filter(lambda text: text.strip())


@st.composite
def graphs(draw, decimals):
    num_frames = draw(st.integers(1, 10**decimals))
    phrases = st.just('') | LABELS
    objects = [(i, draw(LABELS), draw(phrases)) for i in range(draw(st.integers(0, 5)))]
    relations = []
    if len(objects) > 1:
        for _ in range(draw(st.integers(0, 6))):
            pair = draw(st.permutations(range(len(objects))))[:2]
            frames = st.integers(0, num_frames - 1)
            span = [
                sorted((draw(frames), draw(frames)))
                for _ in range(draw(st.integers(1, 3)))
            ]
            relations.append((pair[0], draw(LABELS), pair[1], span, draw(phrases)))
    return make_graph(objects, relations, num_frames).unite_relations()


@settings(max_examples=300, deadline=None)
@given(data=st.data(), decimals=st.sampled_from([1, 2, 3]), shuffle=st.booleans())
def test_round_trip_of_any_graph(data, decimals, shuffle):
    graph = data.draw(graphs(decimals))
    text_format = ChainedTextFormat(decimals=decimals, shuffle=shuffle)
    turns = text_format.format(graph).turns
    parsed = text_format.parse([turn.text for turn in turns], graph.num_frames)
    assert parsed.dropped == []
    ids = turns[0].mentioned_ids
    by_id = {item.id: item for item in graph.objects}
    assert sorted(ids) == sorted(by_id)
    for object_id, item in zip(ids, parsed.objects, strict=True):
        assert item.category == by_id[object_id].category
        if by_id[object_id].description.strip():
            expected = by_id[object_id].description.strip().lower()
            assert item.description == expected
    found = sorted(
        (ids[row.subject], row.predicate, ids[row.object], row.span)
        for row in parsed.relations
    )
    assert found == sorted(
        (row.subject, row.predicate, row.object, row.span) for row in graph.relations
    )


def test_a_grammar_accepts_what_is_written(graph, accepts):
    text_format = ChainedTextFormat(decimals=2)
    written = texts(text_format, graph)
    for turn, text in enumerate(written):
        assert accepts(text_format.grammar(turn, written[:turn]), text)


@pytest.mark.parametrize(
    ('turn', 'text'),
    [
        (0, 'small | cup;'),
        (0, 'small cup [Obj];'),
        (0, 'small | cup [Obj]'),
        (0, ' | cup [Obj];'),
        (0, ''),
        (1, 'cup 2 | cup 3 | they touch;'),
        (1, 'cup 2 | cup 2 | they touch;'),
        (1, 'cup 2 | cup 1 | ;'),
        (2, 'cup 1 | on | table 1; cup 2 | hitting | cup 1;'),
        (2, 'cup 2 | hitting | cup 1;'),
        (2, 'none;'),
        (3, 'cup 2 | hitting | cup 1 | continuous 0.10 0.15;'),
        (3, '{} | continuous 0.20 0.19;'),
        (3, '{} | continuous 0.20 1.01;'),
        (3, '{} | continuous 0.2 0.3;'),
        (3, '{} | continuous 0.20 0.30, 0.40 0.50;'),
        (3, '{} | intermittent 0.20 0.30;'),
    ],
)
def test_a_grammar_accepts_nothing_else(graph, accepts, turn, text):
    text_format = ChainedTextFormat()
    written = texts(text_format, graph)
    rest = written[3].partition('; ')[2]
    good = text.format('cup 2 | hitting | cup 1')
    if '{}' in text:
        good = f'{good} {rest}'
        right = re.sub(
            r'\| [a-z]+ [0-9., ]+;', '| continuous 0.20 0.30;', good, count=1
        )
        assert accepts(text_format.grammar(turn, written[:turn]), right)
    assert not accepts(text_format.grammar(turn, written[:turn]), good)


def test_a_closed_vocabulary_admits_known_labels_alone(graph, accepts):
    options = dict(categories=['cup', 'table'], predicates=['on', 'hitting'])
    closed = ChainedTextFormat(**options, closed_vocabulary=True)
    assert accepts(closed.grammar(0, []), 'red | cup [Obj];')
    assert not accepts(closed.grammar(0, []), 'red | duck [Obj];')
    assert accepts(ChainedTextFormat(**options).grammar(0, []), 'red | duck [Obj];')
    answers = ['a | cup [Obj]; b | table [Obj];', 'cup 1 | table 1 | close;']
    assert accepts(closed.grammar(2, answers), 'cup 1 | on | table 1;')
    assert not accepts(closed.grammar(2, answers), 'cup 1 | in | table 1;')
    with pytest.raises(InputError, match='closed_vocabulary'):
        ChainedTextFormat(closed_vocabulary=True)


def test_second_times_are_not_before_first_ones(accepts):
    grammar = f'root ::= range\n{time_rules("range", 1)}'
    for first in range(11):
        for second in range(11):
            text = f'{first / 10:.1f} {second / 10:.1f}'
            assert accepts(grammar, text) == (first <= second), text


@pytest.mark.parametrize(
    ('turn', 'segment'),
    [
        (0, 'small | cup'),
        (0, 'cup [Obj]'),
        (0, 'small | [Obj]'),
        (1, 'cup 1 | cup 9 | close'),
        (1, 'cup 1 | cup 1 | close'),
        (1, 'cup 1 | table 1'),
        (2, 'cup 1 | | table 1'),
        (2, 'lamp 1 | on | table 1'),
        (3, 'cup 1 | on | table 1 | 0.00 1.00'),
        (3, 'cup 1 | on | table 1 | continuous 0.50 0.20'),
        (3, 'cup 1 | on | table 1 | always 0.00 1.00'),
    ],
)
def test_nonsense_is_dropped_and_counted(graph, turn, segment):
    text_format = ChainedTextFormat()
    written = texts(text_format, graph)
    whole = text_format.parse(written, 100)
    written[turn] += f' {segment};'
    parsed = text_format.parse(written, 100)
    assert parsed.dropped == [re.sub(r'\| +\|', '|  |', segment)]
    assert read(parsed) == read(whole)


def test_what_is_cut_off_is_dropped(graph):
    text_format = ChainedTextFormat()
    written = texts(text_format, graph)
    written[3] = written[3][:-7]
    parsed = text_format.parse(written, 100)
    # The broken row, and the relation that has no times without it.
    assert parsed.dropped == [
        'cup 1 | on | table 1 | continuous 0.5', 'cup 1 | on | table 1',
    ]  # fmt: skip
    assert text_format.close(3, written[3]).endswith('momentary 0.20 0.25;')
    assert text_format.close(0, 'small | cup') == 'none;'


@given(st.lists(st.text('ab 1|;[Obj].0', max_size=40), max_size=5))
def test_any_text_can_be_read(turns):
    parsed = ChainedTextFormat().parse(turns, 10)
    for row in parsed.relations:
        assert row.subject != row.object
        assert 0 <= row.span[0][0] <= row.span[-1][1] < 10


def test_prompts_are_the_papers_stages():
    text_format = ChainedTextFormat()
    prompts = [text_format.prompt(turn, [''] * turn) for turn in range(4)]
    assert prompts[0].startswith('You are a scene expert')
    for number, prompt in enumerate(prompts, 1):
        assert prompt.count(f'Inference stage {number}: ') == 1
    assert 'Example' not in prompts[0]


def test_the_papers_example_is_shown_stage_by_stage(tmp_path, graph):
    text_format = ChainedTextFormat(in_context_examples=['appendix_e'])
    prompt = text_format.prompt(0, [])
    assert '[Example-1]' in prompt
    assert 'person 1 | running toward | person 2 | continuous 0.20 0.80' in prompt
    parsed = text_format.parse(texts(text_format, APPENDIX_E), 10)
    assert len(parsed.objects) == len(parsed.relations) == 4
    assert 'Example' not in text_format.prompt(1, [''])
    # One's own, too.
    save_scene_graphs([APPENDIX_E], tmp_path / 'mine.json')
    own = ChainedTextFormat(in_context_examples=[str(tmp_path / 'mine.json')])
    assert 'person 1 | running toward | person 2' in own.prompt(0, [])
    with pytest.raises(InputError, match=r'nothing\.json'):
        ChainedTextFormat(in_context_examples=[str(tmp_path / 'nothing.json')])


def test_order_is_random_on_demand(graph):
    torch.manual_seed(0)
    shuffled = ChainedTextFormat(shuffle=True)
    firsts = {texts(shuffled, graph)[0] for _ in range(40)}
    assert len(firsts) == 6
    same = {tuple(sorted(part.strip() for part in text.split(';'))) for text in firsts}
    assert len(same) == 1


def test_labels_are_escaped_and_come_back():
    graph = make_graph(
        [(1, 'a|b;c', ''), (2, 'cup [obj]', 'x; y')],
        [(1, 'on | in', 2, [(0, 99)], 'a; b')],
    )
    text_format = ChainedTextFormat()
    parsed = text_format.parse(texts(text_format, graph), 100)
    assert [item.category for item in parsed.objects] == ['a|b;c', 'cup [obj]']
    assert parsed.relations[0].predicate == 'on | in'
    assert parsed.relations[0].reason == 'a; b'
    assert unescape_label(r'a\u{7c}b') == 'a|b'
