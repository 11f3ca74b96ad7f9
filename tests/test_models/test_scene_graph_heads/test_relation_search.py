"""The search for single relations, compared with going through all of them."""

import math

import pytest
import torch
from reference_decoder import ReferenceDecoder

from mmfourdpsg.models.language_models import CausalLanguageModel
from mmfourdpsg.models.language_models.conversation_cache import (
    ConversationCache,
    TokenRun,
)
from mmfourdpsg.models.scene_graph_heads.decoding import (
    Conversation,
    ConversationDecoder,
    relation_search,
)
from mmfourdpsg.models.scene_graph_heads.decoding.token_sampler import unpack_bits
from mmfourdpsg.models.scene_graph_heads.decoding.turn_prompts import encode_turn_prompt
from mmfourdpsg.models.scene_graph_heads.decoding.written_answer import WrittenAnswer
from mmfourdpsg.models.text_formats import ChainedTextFormat, DirectTextFormat

LISTED = {
    'direct': ['cup 1 [Obj]; box 1 [Obj]; cup 2 [Obj]; cup 1 [Obj] on | box 1 [Obj] '
               '0.00 0.50; cup 2 [Obj] in | box 1 [Obj] 0.00 1.00;'],
    'chained': ['red | cup [Obj]; big | box [Obj]; blue | cup [Obj];',
                'cup 1 | box 1 | they touch;', 'cup 1 | on | box 1;',
                'cup 1 | on | box 1 | continuous 0.00 0.50;'],
}  # fmt: skip


@pytest.fixture(scope='module')
def model():
    """A LLaMA of two small layers that prefers some continuations to others."""
    sizes = dict(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
    )
    torch.manual_seed(0)
    model = CausalLanguageModel(
        'checkpoints/tabletop/tiny_llama',
        pretrained=False,
        dtype='float64',
        sizes=sizes,
    )
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter.data, std=0.15)
    return model.double().eval()


def make_format(name):
    if name == 'direct':
        return DirectTextFormat(objects_first=True, max_label_tokens=1)
    return ChainedTextFormat(
        categories=['cup', 'box'],
        predicates=['on', 'in', 'next to'],
        closed_vocabulary=True,
        max_ranges=2,
        max_phrase_tokens=2,
        instruction='',
        stages=('What?', 'Which?', 'How?', 'When?'),
    )


def said(model, search, texts):
    """Return a conversation in which these texts were said."""
    answers = []
    for text in texts:
        ids = [*model.encode_answer(text), model.end_token_id]
        answer = WrittenAnswer(ids, [1.0] * len(ids), [False] * len(ids))
        answer.decoded = search.endings.decode(ids)
        answers.append(answer)
    return answers


class HistoryCache:
    """Stands for the language model: logits by chance, but the same for a history."""

    likely: torch.Tensor

    def __init__(self, language_model, embeddings, attention_mask, rows_per_scene):
        self.histories = [
            [scene] for scene in range(len(embeddings)) for _ in range(rows_per_scene)
        ]

    @property
    def lengths(self):
        return [len(history) for history in self.histories]

    def extend(self, runs):
        found = []
        for history, run in zip(self.histories, runs, strict=True):
            history += run.ids
            found += [self.logits(history) for _ in run.logit_places]
        return torch.stack(found), None

    def fork(self, pairs):
        assert not {row for row, _ in pairs} & {other for _, other in pairs}
        for row, other in pairs:
            assert self.histories[row][0] == self.histories[other][0]
            self.histories[other] = list(self.histories[row])

    @classmethod
    def logits(cls, history):
        generator = torch.Generator().manual_seed(hash(tuple(history)) % 2**62)
        return torch.randn(len(cls.likely), generator=generator) + cls.likely


def every_relation(decoder, scene, sample, answers, least, logits, likeliest=False):
    """Go through all relations that are likely enough, one after the other.

    Args:
        decoder: Has the format and the grammars.
        scene: Which scene it is, from 0.
        sample: What is known of the video.
        answers: The conversation about it.
        least: Least probability.
        logits: Gives the logits after some tokens.
        likeliest: Whether each choice is the likeliest one.
    """
    model, text_format = decoder.language_model, decoder.text_format
    turn, before = text_format.relation_start([a.decoded.text for a in answers])
    found = {}

    def prompt(texts):
        return encode_turn_prompt(model, text_format, sample, len(texts), texts)

    def begin(texts, history, chance, before='', kept=()):
        if texts:
            history = [*history, *prompt(texts)]
        prefix, grammar = text_format.relation_grammar(len(texts), texts, before)
        ids = list(kept) or (model.encode_answer(prefix) if prefix else [])
        go_on(
            texts, history, ids, decoder.constraints.start(grammar, not prefix), chance
        )

    def go_on(texts, history, ids, constraint, chance):
        ids = [*ids, *constraint.forced()]
        text = decoder.search.endings.decode(ids).text
        if constraint.is_complete:
            if len(texts) + 1 < text_format.num_turns:
                begin([*texts, text], [*history, *ids], chance)
                return
            for row in text_format.parse([*texts, text], sample.num_frames).relations:
                key = (row.subject, row.predicate, row.object, str(row.span))
                found[key] = found.get(key, 0) + chance
            return
        values = logits([*history, *ids])
        words = torch.from_numpy(constraint.allowed())[None]
        (allowed,) = unpack_bits(words, len(values))
        chances = values.double().masked_fill(~allowed, -torch.inf).softmax(-1)
        places = allowed.nonzero()[:, 0].tolist()
        if text_format.is_decisive(len(texts), text):
            ways = [(i, chances[i].item() * chance) for i in places]
        else:
            ways = [(int(chances.argmax()), chance)]
        if likeliest:
            ways = [max(ways, key=lambda way: way[1])]
        for token, value in ways:
            if value >= least:
                other = constraint.fork()
                other.accept(token)
                go_on(texts, history, [*ids, token], other, value)

    texts, history = [answer.decoded.text for answer in answers[:turn]], [scene]
    for place, answer in enumerate(answers[:turn]):
        history += [*(prompt(texts[:place]) if place else []), *answer.ids]
    ends = answers[turn].decoded.ends
    kept = answers[turn].ids[: sum(end <= len(before) for end in ends)]
    begin(texts, history, 1.0, before, kept if before else [])
    return found


@pytest.mark.parametrize('name', LISTED)
def test_search_finds_what_going_through_all_finds(
    model, scenes, samples, name, monkeypatch
):
    likely = torch.zeros(model.vocabulary_size)
    words = 'cup box 1 2 on in | 0.10 0.40 0.80 momentary continuous;'
    likely[model.encode_answer(words)] = 12
    monkeypatch.setattr(HistoryCache, 'likely', likely, raising=False)
    monkeypatch.setattr(relation_search, 'ConversationCache', HistoryCache)
    least, texts = 1e-3, LISTED[name]
    decoder = ConversationDecoder(
        model,
        make_format(name),
        search=dict(width=256, min_probability=least, span_iou=1.0),
    )
    answers = [said(model, decoder.search, texts) for _ in scenes]
    found = decoder.search(decoder._first_prompts(scenes, samples), samples, answers)
    number = len(decoder.text_format.parse(texts, 24).relations)
    everything = []
    for index, rows in enumerate(found):
        wanted = every_relation(
            decoder, index, samples[index], answers[index], least, HistoryCache.logits
        )
        assert len(wanted) > 20
        scores = {
            (row.subject, row.predicate, row.object, str(row.span)): row.score
            for row in rows
        }
        assert scores.keys() == wanted.keys()
        for key, value in wanted.items():
            assert scores[key] == pytest.approx(min(1, number * value), rel=1e-6)
        assert [row.score for row in rows] == sorted(scores.values(), reverse=True)
        # All that could be told has a probability of 1 together.
        assert sum(wanted.values()) <= 1
        everything.append(wanted)
    assert everything[0] != everything[1]


@pytest.mark.parametrize('name', LISTED)
def test_search_of_width_one_is_greedy(model, scenes, samples, name):
    decoder = ConversationDecoder(
        model, make_format(name), search=dict(width=1, min_probability=1e-30)
    )
    answers = said(model, decoder.search, LISTED[name])
    batch = decoder._first_prompts(scenes[:1], samples[:1])
    (rows,) = decoder.search(batch, samples[:1], [answers])
    reference = ReferenceDecoder(decoder, scenes[0], samples[0], 64)
    first = encode_turn_prompt(model, decoder.text_format, samples[0], 0, [])

    @torch.no_grad()
    def logits(history):
        # All that comes after the first prompt stands for one answer here.
        conversation = Conversation([first], [[*history[1:], 0]])
        return reference.run(conversation)[2][0, -2]

    (row,) = every_relation(decoder, 0, samples[0], answers, 0, logits, likeliest=True)
    assert [(r.subject, r.predicate, r.object, str(r.span)) for r in rows] == [row]


def test_graphs_have_the_relations_of_the_search(model, scenes, samples):
    text_format = make_format('chained')
    decoder = ConversationDecoder(
        model, text_format, search=dict(width=32, min_probability=1e-30)
    )
    graphs = decoder(scenes, samples, 24)
    *turns, last = decoder.decode(scenes, samples, 24)
    assert len(turns) == 3
    for graph, other, alone in zip(
        graphs, last, zip(scenes, samples, strict=True), strict=True
    ):
        assert graph.relations and graph.relations == other.relations
        scores = [row.score for row in graph.relations]
        assert scores == sorted(scores, reverse=True) and 0 < scores[-1] <= 1
        for row in graph.relations:
            assert row.subject != row.object
            assert max(row.subject, row.object) < len(graph.objects)
            assert row.predicate in ('on', 'in', 'next to')
        # A graph does not depend on those beside it.
        (single,) = decoder([alone[0]], [alone[1]], 24)
        assert [
            (r.subject, r.predicate, r.object, r.span) for r in single.relations
        ] == [(r.subject, r.predicate, r.object, r.span) for r in graph.relations]


def test_where_there_is_nothing_to_relate(model, scenes, samples):
    for name, texts in (
        ('direct', ['cup 1 [Obj];']),
        ('direct', ['cup 1 [Obj] on | box 1 [Obj] 0.00 0.50;']),
        ('chained', ['red | cup [Obj];', 'none;', 'none;', 'none;']),
        ('chained', ['none;'] * 4),
    ):
        decoder = ConversationDecoder(model, make_format(name), search=dict(width=2))
        answers = said(model, decoder.search, texts)
        batch = decoder._first_prompts(scenes[:1], samples[:1])
        assert decoder.search(batch, samples[:1], [answers]) == [[]]


def test_search_needs_a_grammar(model):
    with pytest.raises(ValueError, match='no grammar'):
        ConversationDecoder(model, DirectTextFormat(delimited=False), search={})


def test_conversations_that_run_out_of_positions_are_given_up(
    model, scenes, samples, monkeypatch
):
    decoder = ConversationDecoder(
        model, make_format('chained'), search=dict(width=4, min_probability=1e-30)
    )
    answers = said(model, decoder.search, LISTED['chained'])
    batch = decoder._first_prompts(scenes[:1], samples[:1])
    assert decoder.search(batch, samples[:1], [answers])[0]
    limit = batch.embeddings.shape[1] + 40
    monkeypatch.setattr(type(model), 'max_length', limit)
    assert decoder.search(batch, samples[:1], [answers]) == [[]]


def test_forked_conversations_go_on_by_themselves(model, scenes, samples):
    decoder = ConversationDecoder(model, make_format('chained'))
    batch = decoder._first_prompts(scenes, samples)
    together, alone = (
        ConversationCache(model, batch.embeddings, batch.attention_mask, 3)
        for _ in range(2)
    )

    def run(cache, **ids):
        runs = [TokenRun() for _ in range(6)]
        for row, tokens in ids.items():
            runs[int(row[1:])] = TokenRun(tokens, [len(tokens) - 1])
        return cache.extend(runs)[0]

    run(together, r0=[5, 6, 7], r4=[8])
    together.fork([(0, 2), (4, 3)])
    assert together.lengths[2] == together.lengths[0]
    found = run(together, r0=[9], r2=[10, 11], r3=[12], r4=[13])
    run(alone, r0=[5, 6, 7], r2=[5, 6, 7], r3=[8], r4=[8])
    wanted = run(alone, r0=[9], r2=[10, 11], r3=[12], r4=[13])
    torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-9)
    assert not math.isclose(found[0, 0].item(), found[1, 0].item())
