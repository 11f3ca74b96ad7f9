import functools
import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfourdpsg.models.text_formats import DirectTextFormat
from mmfourdpsg.models.text_formats.labels import escape_label, unescape_label
from mmfourdpsg.structures import Relation, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError

CATEGORIES = [
    'person',
    'dining table',
    'table',
    'lamp',
    'iphone 12',
    'cup/glass/bottle',
]
PREDICATES = ['on', 'standing on', 'running toward', 'in front of', 'next to']

bare_format = functools.partial(DirectTextFormat, delimited=False)


def make_graph(objects, relations, num_frames=100):
    return SceneGraph(
        'v',
        4,
        4,
        num_frames,
        [SceneObject(object_id, category) for object_id, category in objects],
        [Relation(*row) for row in relations],
    )


def quintuples(graph):
    """Relations with the objects' numbers replaced by ids."""
    return {
        (row.subject, row.predicate, row.object, tuple(map(tuple, row.span)))
        for row in graph.relations
    }


def assert_parts(turn, graph, all_objects):
    """The parts of a text are the labels and times of its graph."""
    found = [
        (part.kind, unescape_label(turn.text[part.start : part.end]))
        for part in turn.text_parts
    ]
    rows = [i for i, (kind, _) in enumerate(found) if kind == 'subject']
    categories = {item.id: item.category for item in graph.objects}
    expected = sorted(
        (categories[row.subject], row.predicate, categories[row.object])
        for row in graph.relations
        for _ in row.span
    )
    assert expected == sorted(
        tuple(label for _, label in found[i : i + 3]) for i in rows
    )
    for i in rows:
        assert [kind for kind, _ in found[i + 1 : i + 4]] == [
            'predicate', 'object', 'times'
        ]  # fmt: skip
        assert len([float(time) for time in found[i + 3][1].split()]) == 2
    mentions = [label for kind, label in found if kind == 'mention']
    assert len(found) == 4 * len(rows) + len(mentions)
    assert set(mentions) <= set(categories.values())
    if all_objects:
        named = {
            label for kind, label in found if kind in ('mention', 'subject', 'object')
        }
        assert named == set(categories.values())


def assert_round_trip(text_format, graph, all_objects=True):
    turn = text_format.format(graph).turns[0]
    assert_parts(turn, graph, all_objects)
    parsed = text_format.parse([turn.text], graph.num_frames)
    assert parsed.dropped == []
    # The k-th [Obj] of the text belongs to the k-th mentioned id.
    tokens = sorted(
        (place, i) for i, item in enumerate(parsed.objects) for place in item.prompts
    )
    assert all(turn.text[start:end] == '[Obj]' for (_, start, end), _ in tokens)
    ids = {}
    for ((_, _, _), index), object_id in zip(tokens, turn.mentioned_ids, strict=True):
        assert ids.setdefault(index, object_id) == object_id
    if all_objects:
        assert sorted(ids.values()) == sorted(item.id for item in graph.objects)
    for index, object_id in ids.items():
        item = parsed.objects[index]
        assert item.category == graph.object_by_id(object_id).category
        for _, start, end in item.mentions:
            mention = turn.text[start:end].removesuffix(' [Obj]')
            assert mention.endswith(f' {item.number}')
            assert mention.startswith(escape_label(item.category))
    read = {
        (ids[row.subject], row.predicate, ids[row.object], tuple(map(tuple, row.span)))
        for row in parsed.relations
    }
    assert len(parsed.relations) == len(read)
    assert read == quintuples(graph)
    return turn.text


def test_text_is_the_papers():
    graph = make_graph(
        [(7, 'person'), (3, 'lamp'), (5, 'person')],
        [(7, 'running toward', 5, [(20, 79)])],
    )
    text_format = bare_format(CATEGORIES, PREDICATES)
    turn = text_format.format(graph).turns[0]
    assert turn.text == (
        'person 1 [Obj] running toward person 2 [Obj] 0.20 0.80; lamp 1 [Obj];'
    )
    assert turn.mentioned_ids == [7, 5, 3]
    without = bare_format(CATEGORIES, PREDICATES, mention_unrelated=False)
    assert without.format(graph).turns[0].text.endswith('0.20 0.80;')


def test_a_bar_ends_a_predicate():
    graph = make_graph(
        [(7, 'person'), (3, 'lamp'), (5, 'person')],
        [(7, 'running toward', 5, [(20, 79)]), (3, 'on', 7, [(30, 39)])],
    )
    text_format = DirectTextFormat()  # no word is known
    text = text_format.format(graph).turns[0].text
    assert text == (
        'person 1 [Obj] running toward | person 2 [Obj] 0.20 0.80; '
        'lamp 1 [Obj] on | person 1 [Obj] 0.30 0.40;'
    )
    assert_round_trip(text_format, graph)


def test_only_the_form_with_bars_and_marks_has_a_grammar():
    assert 'object_token' in DirectTextFormat().grammar(0, [])
    assert bare_format().grammar(0, []) is None
    assert DirectTextFormat(mark_every_mention=False).grammar(0, []) is None


def test_rows_are_in_order_and_ranges_are_rows():
    graph = make_graph(
        [(1, 'lamp'), (2, 'table'), (3, 'person')],
        [
            (3, 'next to', 2, [(50, 59)]),
            (2, 'next to', 1, [(0, 9), (50, 99)]),
            (1, 'on', 2, [(50, 99)]),
            (1, 'next to', 2, [(50, 99)]),
        ],
    )
    segments = bare_format(CATEGORIES, PREDICATES).format(graph).turns[0].segments
    assert segments == [
        'table 1 [Obj] next to lamp 1 [Obj] 0.00 0.10;',
        'lamp 1 [Obj] next to table 1 [Obj] 0.50 1.00;',
        'lamp 1 [Obj] on table 1 [Obj] 0.50 1.00;',
        'table 1 [Obj] next to lamp 1 [Obj] 0.50 1.00;',
        'person 1 [Obj] next to table 1 [Obj] 0.50 0.60;',
    ]


def test_shuffle_keeps_the_graph_and_follows_the_seed():
    graph = make_graph(
        [(i, 'lamp') for i in range(6)],
        [(i, 'on', (i + 1) % 6, [(i, 10 * i + 5)]) for i in range(6)],
    )
    text_format = bare_format(CATEGORIES, PREDICATES, shuffle=True)
    texts = set()
    for seed in range(5):
        torch.manual_seed(seed)
        texts.add(assert_round_trip(text_format, graph))
    assert len(texts) > 1
    torch.manual_seed(4)
    assert text_format.format(graph).turns[0].text in texts


@pytest.mark.parametrize(
    ('categories', 'predicates', 'row', 'bar'),
    [
        # Both known; the longest category wins over a known shorter one.
        (CATEGORIES, PREDICATES, ('lamp', 'standing on', 'dining table'), False),
        (CATEGORIES, PREDICATES, ('lamp', 'standing on', 'iphone 12'), False),
        # Nothing known, one word: the last word.
        ([], [], ('lamp', 'standing on', 'table'), False),
        ([], [], ('lamp', 'standing on', 'dining table'), True),
        # One side known.
        (CATEGORIES, [], ('lamp', 'leaning at', 'dining table'), False),
        ([], PREDICATES, ('lamp', 'standing on', 'old side table'), False),
        # Unknown words that look like known ones.
        (CATEGORIES, PREDICATES, ('lamp', 'standing on', 'side table'), True),
        (CATEGORIES, PREDICATES, ('lamp', 'standing on dining', 'table'), True),
        # Truly ambiguous within the vocabulary.
        (['table', 'x table'], ['on', 'on x'], ('table', 'on x', 'table'), True),
        (['table', 'x table'], ['on', 'on x'], ('table', 'on', 'x table'), False),
    ],
)
def test_bar_only_where_needed(categories, predicates, row, bar):
    subject, predicate, obj = row
    graph = make_graph([(1, subject), (2, obj)], [(1, predicate, 2, [(0, 9)])])
    text = assert_round_trip(bare_format(categories, predicates), graph)
    assert (' | ' in text) is bar


def test_earlier_mentions_help():
    graph = make_graph(
        [(1, 'side table'), (2, 'lamp')],
        [(1, 'next to', 2, [(0, 9)]), (2, 'standing on', 1, [(1, 9)])],
    )
    assert ' | ' not in assert_round_trip(bare_format(), graph)


WORDS = st.sampled_from(['person', 'table', 'dining', 'on', 'standing', '1', '12', 'x'])
LABELS = st.one_of(
    st.sampled_from(CATEGORIES + PREDICATES),
    st.lists(WORDS, min_size=1, max_size=4).map(' '.join),
    st.text(min_size=1, max_size=8).filter(lambda text: text.strip()),
)


@st.composite
def graphs(draw, decimals):
    num_frames = draw(st.integers(1, 10**decimals))
    categories = draw(st.lists(LABELS, max_size=5))
    objects = list(enumerate(categories, start=draw(st.integers(0, 5))))
    ids = [object_id for object_id, _ in objects]
    relations = []
    if len(ids) > 1:
        for _ in range(draw(st.integers(0, 6))):
            pair = draw(st.permutations(ids))[:2]
            span = [
                sorted((draw(frame), draw(frame)))
                for frame in [st.integers(0, num_frames - 1)] * draw(st.integers(1, 3))
            ]
            relations.append((pair[0], draw(LABELS), pair[1], span))
    return make_graph(objects, relations, num_frames).unite_relations()


@settings(max_examples=300, deadline=None)
@given(
    data=st.data(),
    decimals=st.sampled_from([1, 2, 3]),
    known=st.booleans(),
    every=st.booleans(),
    first=st.booleans(),
)
def test_round_trip_of_any_graph(data, decimals, known, every, first):
    graph = data.draw(graphs(decimals))
    vocabulary = (CATEGORIES, PREDICATES) if known else ()
    text_format = bare_format(
        *vocabulary,
        decimals=decimals,
        mark_every_mention=every,
        objects_first=first,
    )
    assert_round_trip(text_format, graph)


def test_marked_once():
    graph = make_graph(
        [(1, 'lamp'), (2, 'table'), (3, 'iphone 12')],
        [
            (1, 'on', 2, [(0, 9)]),
            (2, 'next to', 1, [(10, 99)]),
            (3, 'on', 2, [(20, 99)]),
            (1, 'next to', 3, [(30, 99)]),
        ],
    )
    text_format = bare_format(CATEGORIES, PREDICATES, mark_every_mention=False)
    assert assert_round_trip(text_format, graph) == (
        'lamp 1 [Obj] on table 1 [Obj] 0.00 0.10; '
        'table 1 next to lamp 1 0.10 1.00; '
        # A number in a label: both are marked again.
        'iphone 12 1 [Obj] on table 1 [Obj] 0.20 1.00; '
        'lamp 1 [Obj] next to iphone 12 1 [Obj] 0.30 1.00;'
    )


def test_objects_first():
    graph = make_graph(
        [(1, 'lamp'), (2, 'table'), (3, 'lamp'), (4, 'cup')],
        [(3, 'on', 2, [(0, 9)]), (4, 'on', 2, [(0, 9)])],
    )
    options = dict(categories=CATEGORIES, predicates=PREDICATES, objects_first=True)
    # Numbers follow the list, not the rows.
    assert assert_round_trip(bare_format(**options), graph) == (
        'lamp 1 [Obj]; table 1 [Obj]; lamp 2 [Obj]; cup 1 [Obj]; '
        'lamp 2 [Obj] on table 1 [Obj] 0.00 0.10; '
        'cup 1 [Obj] on table 1 [Obj] 0.00 0.10;'
    )
    once = bare_format(**options, mark_every_mention=False)
    assert assert_round_trip(once, graph).endswith(
        'cup 1 [Obj]; lamp 2 on table 1 0.00 0.10; cup 1 on table 1 0.00 0.10;'
    )


def test_objects_only_breaks_off_where_relations_would_follow():
    graph = make_graph([(1, 'lamp'), (2, 'table')], [(1, 'on', 2, [(0, 9)])])
    whole = bare_format(objects_first=True).format(graph).turns[0]
    only = bare_format(objects_first=True, objects_only=True)
    turn = only.format(graph).turns[0]
    assert turn.text == 'lamp 1 [Obj]; table 1 [Obj];'
    assert whole.text.startswith(turn.text)
    assert turn.mentioned_ids == [1, 2]
    assert turn.is_open
    assert not whole.is_open
    with pytest.raises(ValueError, match='expected objects_first'):
        bare_format(objects_only=True)


def test_what_was_never_marked_is_dropped():
    text = 'lamp 1 [Obj] on table 1 0.00 0.50; lamp 1 [Obj]; lamp 1 on cup 1 0.0 0.5;'
    parsed = bare_format(mark_every_mention=False).parse([text], 10)
    assert len(parsed.dropped) == 2
    assert [item.category for item in parsed.objects] == ['lamp']


@pytest.mark.parametrize('decimals', [1, 2, 3])
def test_time_grid_is_exact_up_to_its_size(decimals):
    text_format = bare_format(decimals=decimals)
    limit = 10**decimals
    sizes = range(1, limit + 1) if decimals < 3 else [1, 24, 300, 333, 999, 1000]
    for num_frames in sizes:
        ends = range(num_frames) if decimals < 3 else range(0, num_frames, 7)
        for end in ends:
            for start in {0, end // 3, end}:
                times = text_format.format_times(start, end, num_frames)
                assert text_format.parse_times(times, num_frames) == (start, end)


def test_coarse_grid_stays_within_the_video_and_half_a_step():
    text_format = bare_format(decimals=2)
    for start, end in [(0, 0), (500, 500), (999, 999), (3, 777)]:
        times = text_format.format_times(start, end, 1000)
        read = text_format.parse_times(times, 1000)
        assert 0 <= read[0] <= read[1] <= 999
        assert abs(read[0] - start) <= 5
        assert abs(read[1] - end) <= 5


@pytest.mark.parametrize(
    'segment',
    [
        'person [Obj]',
        '1 [Obj]',
        'person 1',
        'person 1 [Obj] [Obj]',
        'person 1 [Obj] on table 1 [Obj]',
        'person 1 [Obj] on table [Obj] 0.0 0.5',
        'person 1 [Obj] table 1 [Obj] 0.0 0.5',
        'person 1 [Obj] on table 1 [Obj] 0.5 0.2',
        'person 1 [Obj] on table 1 [Obj] 0.5 1.2',
        'person 1 [Obj] on table 1 [Obj] 0.5 nan',
        'person 1 [Obj] on table 1 [Obj] 0.5',
        'person 1 [Obj] on table 1 [Obj] 0.5 0.7 0.9',
        'person 1 [Obj] on person 1 [Obj] 0.5 0.7',
        'person 1 [Obj] on | table 1 | [Obj] 0.5 0.7',
        'person 1 [Obj] | table 1 [Obj] 0.5 0.7',
        'person 1 [Obj] on table 1 [Obj] 0.5 0.7 [Obj]',
    ],
)
def test_nonsense_is_dropped_and_counted(segment):
    text = f'lamp 1 [Obj] on table 1 [Obj] 0.00 0.50; {segment}; cup 1 [Obj];'
    parsed = bare_format(CATEGORIES, PREDICATES).parse([text], 10)
    assert parsed.dropped == [segment]
    assert [item.category for item in parsed.objects] == ['lamp', 'table', 'cup']
    assert len(parsed.relations) == 1


@pytest.mark.parametrize(
    'segment',
    [
        'tray 1 [Obj] next to tray 1 [Obj] 0.00 0.50',
        'duck 1 [Obj] in front of duck 1 [Obj] 0.00 0.50',
        'cube 1 [Obj] stacked on cube 1 [Obj] 0.00 0.50',
        'teddy bear 1 [Obj] next to teddy bear 1 [Obj] 0.00 0.50',
        # The category is missing.
        'cube 1 [Obj] next to 1 [Obj] 0.00 0.50',
        'cube 1 [Obj] in front of 1 [Obj] 0.00 0.50',
    ],
)
@pytest.mark.parametrize('known', [True, False])
def test_a_known_predicate_is_never_cut_short(segment, known):
    categories = ['tray', 'duck', 'cube', 'teddy bear'] if known else []
    predicates = ['on', 'in', 'next to', 'in front of', 'stacked on', 'stacked']
    text = f'tray 1 [Obj]; duck 1 [Obj]; cube 1 [Obj]; teddy bear 1 [Obj]; {segment};'
    parsed = bare_format(categories, predicates).parse([text], 10)
    found = [item.category for item in parsed.objects]
    assert found == ['tray', 'duck', 'cube', 'teddy bear']
    assert parsed.relations == []
    assert parsed.dropped == [segment]


def test_a_shorter_known_predicate_may_leave_a_known_category():
    text_format = bare_format(['front door', 'lamp'], ['in', 'in front'])
    text = 'lamp 1 [Obj] in front door 1 [Obj] 0.0 0.5;'
    parsed = text_format.parse([text], 10)
    assert [item.category for item in parsed.objects] == ['lamp', 'front door']
    assert parsed.relations[0].predicate == 'in'


def test_text_that_breaks_off():
    text_format = bare_format(CATEGORIES, PREDICATES)
    text = 'lamp 1 [Obj] on table 1 [Obj] 0.20 0.85;'
    for end in range(len(text)):
        parsed = text_format.parse([text[:end]], 100)
        if end == len(text) - 1:
            assert parsed.relations[0].span == [(20, 84)]
        else:
            assert parsed.relations == []
    assert text_format.parse([], 10).objects == []


def test_repeated_rows_are_one_relation():
    row = 'lamp 1 [Obj] on table 1 [Obj] 0.20 0.40;'
    other = 'lamp 1 [Obj] on table 1 [Obj] 0.60 0.70;'
    parsed = bare_format(CATEGORIES, PREDICATES).parse([f'{row} {other} {row}'], 10)
    assert [relation.span for relation in parsed.relations] == [[(2, 3), (6, 6)]]
    assert len(parsed.relations[0].statements) == 3
    assert len(parsed.objects) == 2
    assert len(parsed.objects[0].prompts) == 3


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ['[Obj]', ';', '|', ' ', 'lamp', '1', 'on', '0.5', '9' * 40, '\\u{', '\x85']
        )
        | st.text(max_size=3)
    ).map(''.join),
    st.integers(1, 50),
)
def test_any_text_can_be_parsed(text, num_frames):
    parsed = bare_format(CATEGORIES, PREDICATES).parse([text], num_frames)
    for relation in parsed.relations:
        assert relation.subject != relation.object
        assert relation.span[0][0] >= 0
        assert relation.span[-1][1] < num_frames


def test_decimals_must_be_positive():
    with pytest.raises(InputError, match='decimals is 0'):
        bare_format(decimals=0)


def test_first_pieces_have_their_own_mentions():
    rng = random.Random(0)
    ids = list(range(6))
    rows = [(*rng.sample(ids, 2), 'on', [(k, k)]) for k in range(8)]
    graph = make_graph(
        [(i, 'lamp') for i in ids], [(a, p, b, s) for a, b, p, s in rows]
    )
    turn = bare_format().format(graph).turns[0]
    cut = turn.first(3)
    assert cut.text.count('[Obj]') == len(cut.mentioned_ids) == 6
    assert cut.is_open
    assert turn.text.startswith(cut.text)
