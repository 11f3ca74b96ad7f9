"""The vote on objects, compared with whole answers and with counting by hand."""

from collections import Counter

import pytest
import torch

from mmfourdpsg.models.language_models import CausalLanguageModel
from mmfourdpsg.models.scene_graph_heads.decoding import ConversationDecoder
from mmfourdpsg.models.scene_graph_heads.decoding.grammar_constraint import (
    GrammarConstraint,
)
from mmfourdpsg.models.scene_graph_heads.decoding.object_vote import ObjectVote, elect
from mmfourdpsg.models.text_formats import ChainedTextFormat, DirectTextFormat
from mmfourdpsg.models.text_formats.labels import escape_label

SIZES = dict(
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=8,
)
FORMATS = {
    'direct': DirectTextFormat(objects_first=True, max_label_tokens=1, max_segments=6),
    'chained': ChainedTextFormat(
        categories=['cube', 'can', 'ball'],
        predicates=['on'],
        closed_vocabulary=True,
        max_objects=4,
        max_phrase_tokens=2,
    ),
}
LISTS = dict(
    FORMATS,
    chained=ChainedTextFormat(
        categories=['cube', 'can', 'ball'],
        predicates=['on'],
        closed_vocabulary=True,
        objects_only=True,
        max_objects=4,
        max_phrase_tokens=2,
    ),
)


@pytest.fixture(scope='module')
def model():
    """A small LLaMA by chance, which likes a few words."""
    torch.manual_seed(1)
    model = CausalLanguageModel(
        'checkpoints/tabletop/tiny_llama',
        pretrained=False,
        dtype='float64',
        sizes=SIZES,
    )
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter.data, std=0.2)
    bias = torch.zeros(model.vocabulary_size, dtype=torch.float64)
    for word in ('ball', 'cube', 'can'):
        for text in (word, f' {word}'):
            bias[model.encode_answer(text)] = 5
    bias[model.encode_answer(';')] = 6
    bias[model.end_token_id] = 4
    head = model.model.get_output_embeddings()
    head.register_forward_hook(lambda _, __, logits: logits + bias)
    return model.double().eval()


def test_shares_are_counted():
    lists = [['cup', 'box', 'cup'], ['cup', 'wall'], ['box'], []]
    assert elect(lists, 0.0) == {
        ('cup', 1): 0.5,
        ('box', 1): 0.5,
        ('wall', 1): 0.25,
        ('cup', 2): 0.25,
    }
    assert list(elect(lists, 0.0)) == [
        ('cup', 1),
        ('box', 1),
        ('wall', 1),
        ('cup', 2),
    ]
    assert list(elect(lists, 0.5)) == [('cup', 1), ('box', 1)]
    assert elect(lists, 0.6) == {}


def test_the_order_is_that_of_most_lists():
    # By its mean place cup 2 would come before cup 1, and behind the table.
    lists = [['table', 'box', 'cup']] * 6 + [['cup', 'cup', 'table', 'box']] * 4
    found = elect(lists, 0.3)
    assert found == {
        ('table', 1): 1.0,
        ('box', 1): 1.0,
        ('cup', 1): 1.0,
        ('cup', 2): 0.4,
    }
    assert [number for category, number in found if category == 'cup'] == [1, 2]
    # Sorted lists are merged into a sorted one, whatever is missing in each.
    lists = [['ball', 'cup', 'cup', 'tray'], ['ball', 'duck'], ['cup', 'duck', 'tray']]
    assert list(elect(lists, 0.1)) == [
        ('ball', 1),
        ('cup', 1),
        ('cup', 2),
        ('duck', 1),
        ('tray', 1),
    ]


@pytest.mark.parametrize(
    ('answer', 'categories', 'is_over'),
    [
        ('', [], False),
        ('cup 1 [Obj]', [], False),
        ('cup 1 [Obj]; toy car 1', ['cup'], False),
        ('cup 1 [Obj]; toy car 1 [Obj];', ['cup', 'toy car'], False),
        ('cup 1 [Obj]; cup 2 [Obj]; cup 2 [Obj]', ['cup', 'cup'], False),
        ('cup 1 [Obj]; cup 2 [Obj]; cup 2 [Obj] on', ['cup', 'cup'], True),
        ('cup 1 [Obj]; cup 1 [Obj]; box 1 [Obj];', ['cup', 'box'], False),
        ('cup 1 [Obj] on | box 1 [Obj] 0.00 1.00; cup 1 [Obj];', [], True),
    ],
)
def test_a_direct_list_ends_where_a_row_begins(answer, categories, is_over):
    assert FORMATS['direct'].listed_objects(answer) == (categories, is_over)


def test_a_chained_list_is_the_first_answer():
    answer = 'red | toy car [Obj]; big | box [Obj]; blue | toy car [Obj];'
    found = FORMATS['chained'].listed_objects(answer)
    assert found == (['toy car', 'box', 'toy car'], False)


@pytest.mark.parametrize('name', LISTS)
def test_lists_are_what_whole_answers_begin_with(name, model, scenes, samples):
    text_format, size = LISTS[name], 20
    decoder = ConversationDecoder(model, text_format, num_samples=1 + size)
    vote = ObjectVote(model, text_format, decoder.constraints, num_lists=size)
    vote.sampler = decoder.sampler
    torch.manual_seed(vote.seed)
    whole = decoder.answers(scenes, samples, 40)
    batch = decoder._first_prompts(scenes, samples)
    with model.decoding():
        lists = vote.lists(batch, samples, 40)
    for video, found in enumerate(lists):
        # Of the samples the first is greedy, and the others have the same seeds.
        rows = whole[video * (1 + size) + 1 : (video + 1) * (1 + size)]
        expected = [text_format.listed_objects(row[0].decoded.text)[0] for row in rows]
        assert found == expected
        assert len({tuple(row) for row in found}) > 3


@pytest.mark.parametrize('num_samples', [1, 3])
@pytest.mark.parametrize('name', FORMATS)
def test_answers_list_the_elected(name, num_samples, model, scenes, samples):
    text_format = FORMATS[name]
    decoder = ConversationDecoder(
        model,
        text_format,
        num_samples=num_samples,
        object_vote=dict(num_lists=16, min_share=0.06),
    )
    with model.decoding():
        elected = decoder.object_vote(
            decoder._first_prompts(scenes, samples), samples, 40
        )
    assert all(len(objects) > 1 for objects in elected)
    graphs = decoder(scenes, samples, 40)
    for graph, objects in zip(graphs, elected, strict=True):
        counts = Counter()
        for item, ((category, number), share) in zip(
            graph.objects, objects.items(), strict=True
        ):
            counts[category] += 1
            assert (item.category, counts[category]) == (category, number)
            assert item.score == share >= 0.06
        assert graph.states.shape == (len(objects), 32)
        assert graph.num_dropped == 0


def test_a_video_is_elected_for_whatever_is_beside_it(model, scenes, samples):
    decoder = ConversationDecoder(
        model, FORMATS['direct'], object_vote=dict(num_lists=8, min_share=0.1)
    )
    together = decoder(scenes, samples, 40)
    torch.manual_seed(4)
    alone = [
        decoder([scene], [sample], 40)[0]
        for scene, sample in zip(scenes, samples, strict=True)
    ]
    assert [graph.text for graph in together] == [graph.text for graph in alone]


@pytest.mark.parametrize('name', FORMATS)
def test_stages_have_the_shares(name, model, scenes, samples):
    decoder = ConversationDecoder(
        model, FORMATS[name], object_vote=dict(num_lists=8, min_share=0.1)
    )
    stages = list(decoder.decode(scenes, samples, 40))
    assert len(stages) == FORMATS[name].num_turns
    whole = decoder(scenes, samples, 40)
    for stage in stages:
        assert [graph.objects for graph in stage] == [g.objects for g in whole]


def test_nobody_elected_leaves_the_list_open(model, scenes, samples):
    def graphs(**options):
        decoder = ConversationDecoder(model, FORMATS['direct'], **options)
        return decoder, decoder(scenes, samples, 40)

    # Two lists agree on nothing.
    decoder, nobody = graphs(object_vote=dict(num_lists=2, min_share=1.0, seed=3))
    with model.decoding():
        elected = decoder.object_vote(
            decoder._first_prompts(scenes, samples), samples, 40
        )
    assert elected == [{}, {}]
    for graph, expected in zip(nobody, graphs()[1], strict=True):
        assert graph.text == expected.text
        assert graph.objects == expected.objects


def test_an_answer_that_is_cut_has_the_first_of_them(model, scenes, samples):
    decoder = ConversationDecoder(model, FORMATS['direct'])
    row = dict.fromkeys([('ball', 1), ('toy [car]', 1), ('ball', 2)], 0.5)
    text_format = FORMATS['direct']
    grammar = text_format.grammar(0, [], [category for category, _ in row])
    constraint = decoder.constraints.start(grammar)
    text = decoder.search or ''.join(
        model.decode([token]) for token in constraint.forced()
    )
    expected = f'ball 1 [Obj]; {escape_label("toy [car]")} 1 [Obj]; ball 2 [Obj];'
    assert text.strip().startswith(expected)
    cut = text[: text.index('ball 2')]
    graph = text_format.parse([text_format.close(0, cut)], 24)
    assert [item.category for item in graph.objects] == ['ball', 'toy [car]']


@pytest.mark.parametrize(
    'options', [dict(num_lists=0), dict(min_share=0.0), dict(min_share=1.5)]
)
def test_impossible_votes_are_refused(model, options):
    (name,) = options
    with pytest.raises(ValueError, match=f'{name} is '):
        ObjectVote(model, FORMATS['direct'], GrammarConstraint(model), **options)


def test_a_form_without_a_list_is_refused(model):
    with pytest.raises(ValueError, match='object_vote: the form of DirectTextFormat'):
        ObjectVote(model, DirectTextFormat(), GrammarConstraint(model))
