"""One cache over a conversation, compared with no cache at all."""

import copy
import importlib.util
import json
import sys
from dataclasses import replace

import pytest
import torch
from four_turn_format import FourTurnFormat
from reference_decoder import ReferenceDecoder

from mmfourdpsg.analysis.profiling.fresh_decoder import FreshDecoder
from mmfourdpsg.models.language_models import (
    CausalLanguageModel,
    ConversationCache,
)
from mmfourdpsg.models.scene_graph_heads.decoding import (
    Conversation,
    ConversationBatch,
    ConversationDecoder,
)
from mmfourdpsg.models.scene_graph_heads.decoding.turn_prompts import encode_turn_prompt
from mmfourdpsg.models.text_formats import DirectTextFormat
from mmfourdpsg.utils import InputError

LORA = dict(r=4, lora_alpha=8, target_modules=['q_proj', 'v_proj', 'down_proj'])


@pytest.fixture(scope='module')
def folder(repository, tmp_path_factory):
    """A folder with a LLaMA of two small layers, for four thousand positions."""
    source = repository / 'checkpoints/tabletop/tiny_llama'
    path = tmp_path_factory.mktemp('llama')
    for file in source.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    sizes = json.loads((path / 'config.json').read_text())
    sizes.update(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=4096,
    )
    (path / 'config.json').write_text(json.dumps(sizes))
    return path


@pytest.fixture
def make_model(folder):
    def make(lora=None, seed=0, **options):
        torch.manual_seed(seed)
        model = CausalLanguageModel(
            str(folder), pretrained=False, dtype='float64', lora=lora, **options
        )
        for parameter in model.parameters():
            # Random weights of this size make answers that differ from each other.
            torch.nn.init.normal_(parameter.data, std=0.3)
        # And [Obj] is likely, even where anything may come.
        bias = torch.zeros(model.vocabulary_size, dtype=torch.float64)
        bias[model.object_token_id] = 4
        head = model.model.get_output_embeddings()
        head.register_forward_hook(lambda _, __, logits: logits + bias)
        return model.double().eval()

    return make


def hold(decoder, scenes, samples, limit):
    """Return the rows of all conversations."""
    *_, rows = decoder._converse(scenes, samples, limit, False)
    return rows


def assert_equal_to_reference(decoder, scenes, samples, limit):
    torch.manual_seed(7)
    rows = hold(decoder, scenes, samples, limit)
    assert len(rows) == len(scenes) * decoder.num_samples
    torch.manual_seed(7)
    seeds = [None, *torch.randint(2**62, (decoder.num_samples - 1,)).tolist()]
    for row in rows:
        place, sampled = divmod(row.index, decoder.num_samples)
        seed = seeds[sampled]
        reference = ReferenceDecoder(decoder, scenes[place], samples[place], limit)
        with torch.no_grad():
            turns = reference(seed)
        assert len(turns) == len(row.answers)
        for answer, (ids, chances, forced, states) in zip(
            row.answers, turns, strict=True
        ):
            assert answer.ids == ids
            assert answer.is_forced == forced
            # What closes an answer is no choice of the model.
            closing = [k for k, p in enumerate(answer.probabilities) if p == 1.0]
            assert closing == list(range(len(ids) - len(closing), len(ids)))
            kept = [k for k in range(len(ids)) if k not in closing]
            torch.testing.assert_close(
                torch.tensor([answer.probabilities[k] for k in kept]).double(),
                torch.tensor([chances[k] for k in kept]).double(),
                rtol=1e-9,
                atol=1e-12,
            )
            assert answer.states.keys() == states.keys()
            for k, state in states.items():
                torch.testing.assert_close(
                    answer.states[k], state, rtol=1e-9, atol=1e-12
                )
    return rows


@pytest.mark.parametrize('constrained', [True, False])
@pytest.mark.parametrize('limit', [14, 7])
@pytest.mark.parametrize('lora', [None, LORA])
def test_decoding_equals_fresh_generation_and_a_second_pass(
    make_model, scenes, samples, constrained, limit, lora
):
    decoder = ConversationDecoder(
        make_model(lora), FourTurnFormat(constrained), num_samples=3
    )
    rows = assert_equal_to_reference(decoder, scenes, samples, limit)
    # It was no easy case: unequal rows, objects, forced runs, cuts and whole answers.
    answers = [answer for row in rows for answer in row.answers]
    lengths = [len(answer.ids) for answer in answers]
    assert len(set(lengths)) > 3
    assert len({row.texts[0] for row in rows}) > 3
    assert any(answer.states for answer in answers)
    is_cut = [answer.num_free < len(answer.ids) <= 1 for answer in answers]
    is_cut = [
        cut or a.num_free >= limit for cut, a in zip(is_cut, answers, strict=True)
    ]
    assert any(is_cut)
    if constrained:
        assert not all(is_cut)
        assert sum(sum(a.is_forced) for a in answers) > 0.3 * sum(lengths)


@pytest.mark.parametrize('constrained', [True, False])
@pytest.mark.parametrize('limit', [14, 7])
def test_benchmarks_compare_with_what_says_the_same(
    make_model, scenes, samples, constrained, limit
):
    decoder = ConversationDecoder(
        make_model(LORA), FourTurnFormat(constrained), num_samples=3
    )
    torch.manual_seed(5)
    rows = decoder.answers(scenes, samples, limit)
    torch.manual_seed(5)
    others = FreshDecoder(decoder).answers(scenes, samples, limit)
    assert len({answers[0].decoded.text for answers in rows}) > 3
    for answers, fresh in zip(rows, others, strict=True):
        assert len(answers) == len(fresh) == 4
        for answer, other in zip(answers, fresh, strict=True):
            assert answer.ids == other.ids
            assert answer.is_forced == other.is_forced
            assert answer.decoded == other.decoded
            torch.testing.assert_close(
                torch.tensor(answer.probabilities), torch.tensor(other.probabilities)
            )
            assert answer.states.keys() == other.states.keys()
            for k, state in other.states.items():
                torch.testing.assert_close(answer.states[k], state)
    graphs = decoder.read_graphs(samples, rows)
    torch.manual_seed(5)
    assert [g.text for g in FreshDecoder(decoder)(scenes, samples, limit)] == [
        g.text for g in graphs
    ]


def test_scene_is_read_once_and_forced_runs_at_once(
    make_model, scenes, samples, monkeypatch
):
    model = make_model()
    decoder = ConversationDecoder(model, FourTurnFormat(), num_samples=3)
    widths, read = [], []
    forward, extend = model.model.forward, ConversationCache.extend

    def counted(*, inputs_embeds, **options):
        widths.append(inputs_embeds.shape[:2])
        return forward(inputs_embeds=inputs_embeds, **options)

    def extended(cache, runs):
        read.append(sum(len(run.ids) for run in runs))
        return extend(cache, runs)

    monkeypatch.setattr(model.model, 'forward', counted)
    monkeypatch.setattr(ConversationCache, 'extend', extended)
    monkeypatch.setattr(model, 'forward', None)
    monkeypatch.setattr(model, 'generate', None)
    rows = hold(decoder, scenes, samples, 1000)
    first = model.encode_prompt(
        '<scene>\n3.0 seconds, 24 frames.\nList objects.', first=True
    )
    # Once a scene, not once a conversation.
    assert widths[0] == (2, len(scenes[0]) + len(first) - 1)
    # Later prompts and answers: none is read twice.
    written = sum(len(answer.ids) for row in rows for answer in row.answers)
    prompts = sum(
        len(model.encode_prompt(FourTurnFormat().prompt(turn, row.texts[:turn]), False))
        for row in rows
        for turn in (1, 2, 3)
    )
    assert sum(read) <= written + prompts
    longest = max(sum(len(answer.ids) for answer in row.answers) for row in rows)
    assert len(read) < longest


def test_greedy_answers_are_those_of_generate(make_model, scenes, samples):
    model = make_model()
    decoder = ConversationDecoder(model, DirectTextFormat(delimited=False))
    rows = hold(decoder, scenes, samples, 30)
    for row, scene in zip(rows, scenes, strict=True):
        prompt = encode_turn_prompt(model, decoder.text_format, row.sample, 0, [])
        batch = ConversationBatch.assemble(
            [Conversation([prompt])], [scene], model.embed_tokens, model.scene_token_id
        )
        expected = model.generate(
            batch.embeddings, batch.attention_mask, max_new_tokens=30
        )
        assert row.answers[0].ids == expected[0]
        assert not any(row.answers[0].is_forced)


def test_samples_do_not_depend_on_the_batch(make_model, scenes, samples):
    decoder = ConversationDecoder(make_model(), FourTurnFormat(), num_samples=3)
    torch.manual_seed(3)
    together = [row.texts for row in hold(decoder, scenes, samples, 20)]
    apart = []
    for scene, sample in zip(scenes, samples, strict=True):
        torch.manual_seed(3)
        apart += [row.texts for row in hold(decoder, [scene], [sample], 20)]
    assert together == apart
    torch.manual_seed(4)
    others = [row.texts for row in hold(decoder, scenes, samples, 20)]
    assert [row[0] for row in others[::3]] == [row[0] for row in together[::3]]
    assert others != together


def test_every_turn_shows_what_is_known(make_model, scenes, samples):
    decoder = ConversationDecoder(make_model(LORA), FourTurnFormat(), num_samples=2)
    torch.manual_seed(1)
    whole = decoder(scenes, samples, 20)
    torch.manual_seed(1)
    stages = list(decoder.decode(scenes, samples, 20))
    assert len(stages) == 4
    for first, last, graph in zip(stages[0], stages[-1], whole, strict=True):
        assert first.objects and not first.relations
        assert graph.relations
        assert first.objects == last.objects == graph.objects
        for row, other in zip(last.relations, graph.relations, strict=True):
            assert row == replace(other, score=row.score)
            assert row.score == pytest.approx(other.score, rel=1e-9)
        assert last.text == graph.text
        for states in (first.states, last.states):
            torch.testing.assert_close(states, graph.states, rtol=1e-9, atol=1e-12)


def test_long_conversations_are_closed_where_the_positions_end(
    make_model, scenes, samples, monkeypatch
):
    model = make_model()
    decoder = ConversationDecoder(model, FourTurnFormat(), num_samples=3)
    torch.manual_seed(2)
    complete = [row.texts for row in hold(decoder, scenes, samples, 1000)]
    first = '<scene>\n3.0 seconds, 24 frames.\nList objects.'
    shortest = len(scenes[0]) + len(model.encode_prompt(first, first=True)) - 1
    for turn in (1, 2, 3):
        prompt = decoder.text_format.prompt(turn, [''])
        shortest += len(model.encode_prompt(prompt, first=False)) + 1
        shortest += len(model.encode_answer(decoder.text_format.close(turn, '')))
    seen = []
    forward = model.model.forward

    def watched(*, position_ids, **options):
        seen.append(int(position_ids.max()))
        return forward(position_ids=position_ids, **options)

    monkeypatch.setattr(model.model, 'forward', watched)
    num_cut = 0
    for limit in range(shortest + 1, shortest + 250, 16):
        model.model.config.max_position_embeddings = limit
        seen.clear()
        torch.manual_seed(2)
        rows = hold(decoder, scenes, samples, 1000)
        assert max(seen) < limit
        for row, texts in zip(rows, complete, strict=True):
            assert decoder.text_format.parse(row.texts, 24).dropped == []
            assert texts[0].startswith(row.texts[0])
            num_cut += texts[0] != row.texts[0] != ''
    assert num_cut
    model.model.config.max_position_embeddings = shortest
    with pytest.raises(InputError, match=f'expected at most its {shortest} positions'):
        hold(decoder, scenes, samples, 1000)


class MidwordFormat(DirectTextFormat):
    """Keeps the first seven characters of an answer."""

    num_turns = 2

    def prompt(self, turn, answers):
        return 'Say.'

    def grammar(self, turn, answers, listed=None):
        return 'root ::= [a-z ]+'

    def close(self, turn, answer):
        return answer[:7]


def test_what_is_kept_of_a_token_is_spelled_anew(make_model, scenes, samples):
    model = make_model()
    decoder = ConversationDecoder(model, MidwordFormat(), num_samples=4)
    anew = 0
    for row in hold(decoder, scenes, samples, 12):
        assert len(row.answers) == 2
        for answer in row.answers:
            assert len(answer.decoded.text) == 7
            assert model.decode(answer.ids[:-1]) == answer.decoded.text
            assert answer.ids[-1] == model.end_token_id
            rows = zip(answer.probabilities, answer.is_forced, strict=True)
            given = [p for p, is_forced in rows if is_forced]
            assert given == [1.0] * len(given)
            anew += len(given) - 1
    assert anew > 0


@pytest.mark.parametrize('limit', [5, 30])
def test_constrained_answers_always_parse(make_model, scenes, samples, limit):
    dropped = num_answers = num_relations = 0
    for seed in range(2):
        decoder = ConversationDecoder(
            make_model(seed=seed).float(), FourTurnFormat(), num_samples=32
        )
        floats = [scene.float() for scene in scenes]
        for row in hold(decoder, floats, samples, limit):
            graph = decoder.text_format.parse(row.texts, 24)
            dropped += len(graph.dropped)
            num_answers += len(row.texts)
            num_relations += len(graph.relations)
            assert len(graph.objects) == sum(len(a.states) for a in row.answers)
            assert all(0 <= p <= 1 for a in row.answers for p in a.probabilities)
    assert num_answers == 2 * 2 * 32 * 4
    assert dropped == 0
    assert (num_relations > 100) == (limit == 30)


def test_a_grammar_without_its_package_is_one_line(make_model, monkeypatch):
    model = make_model()
    monkeypatch.setitem(sys.modules, 'xgrammar', None)
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(InputError, match=r'FourTurnFormat: .*pip install "xgrammar'):
        ConversationDecoder(model, FourTurnFormat())
    free = ConversationDecoder(model, DirectTextFormat(delimited=False))
    with pytest.raises(InputError, match='pip install'):
        free.constraints.start('root ::= "cup"')


def test_copies_of_a_decoder_work(make_model, scenes, samples):
    decoder = ConversationDecoder(make_model(), FourTurnFormat())
    texts = [row.texts for row in hold(decoder, scenes, samples, 10)]
    other = copy.deepcopy(decoder)
    assert other.language_model is not decoder.language_model
    assert [row.texts for row in hold(other, scenes, samples, 10)] == texts
