import json
import re
import warnings

import pytest
import torch
import torch.nn.functional as F

from mmfourdpsg.analysis.explanation import part_likelihoods
from mmfourdpsg.models.language_models import CausalLanguageModel
from mmfourdpsg.models.projectors import MLPProjector
from mmfourdpsg.models.scene_graph_heads import (
    LLMSceneGraphHead,
    training_conversations,
)
from mmfourdpsg.models.scene_graph_heads.decoding.answer_constraint import (
    FreeAnswer,
    token_bits,
)
from mmfourdpsg.models.scene_graph_heads.decoding.conversation import (
    Conversation,
    run_conversations,
)
from mmfourdpsg.models.scene_graph_heads.decoding.decoded_answer import DecodedAnswer
from mmfourdpsg.models.scene_graph_heads.decoding.generated_graph import (
    GeneratedGraph,
    GeneratedObject,
    GeneratedRelation,
)
from mmfourdpsg.models.scene_graph_heads.decoding.graph_scoring import score_graph
from mmfourdpsg.models.scene_graph_heads.decoding.sample_union import unite_samples
from mmfourdpsg.models.scene_graph_heads.decoding.written_answer import WrittenAnswer
from mmfourdpsg.models.text_formats import (
    DirectTextFormat,
    FormattedGraph,
    FormattedTurn,
    ParsedGraph,
    ParsedObject,
    ParsedRelation,
    SceneGraphTextFormat,
)
from mmfourdpsg.registry import MODELS, TASK_UTILS
from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)

CATEGORIES = ['cup', 'ball', 'table', 'teddy bear']
PREDICATES = ['on', 'rolling on', 'pushing']


@pytest.fixture(scope='module')
def small_model(repository, tmp_path_factory):
    """A folder with a LLaMA of two small layers."""
    source = repository / 'checkpoints/tabletop/tiny_llama'
    path = tmp_path_factory.mktemp('llama')
    for file in source.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    sizes = json.loads((path / 'config.json').read_text())
    sizes.update(
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
    )
    (path / 'config.json').write_text(json.dumps(sizes))
    return path


@pytest.fixture
def make_head(small_model):
    def make(**options):
        torch.manual_seed(0)
        config = dict(
            type='LLMSceneGraphHead',
            in_channels=16,
            language_model=dict(
                type='CausalLanguageModel',
                name_or_path=str(small_model),
                pretrained=False,
            ),
            text_format=dict(
                type='DirectTextFormat',
                categories=CATEGORIES,
                predicates=PREDICATES,
                delimited=False,
                instruction='Write the scene graph.',
            ),
            max_answer_tokens=96,
        )
        config.update(options)
        return MODELS.build(config)

    return make


class ScriptedAnswer(FreeAnswer):
    """An answer that has to be the one it is told, token by token."""

    def __init__(self, model, ids):
        super().__init__(None, model.end_token_id)
        self.size = model.vocabulary_size
        self.rest = [*ids, model.end_token_id]

    def allowed(self):
        return token_bits(self.rest[:1], self.size)

    def accept(self, token):
        super().accept(token)
        assert token == self.rest.pop(0)


class Script:
    """Starts constraints for answers that are told, one after the other."""

    def __init__(self, model, answers):
        self.model = model
        self.answers = iter(answers)

    def start(self, grammar):
        return ScriptedAnswer(self.model, next(self.answers))


def script(head, *answers):
    """Have a head give answers: texts or token ids."""
    encode = head.language_model.encode_answer
    ids = [encode(row) if isinstance(row, str) else row for row in answers]
    head.decoder.constraints = Script(head.language_model, ids)


def make_sample(objects, relations, num_frames=24, fps=8.0):
    sample = SceneGraphDataSample(
        metainfo=dict(video_id='v', num_frames=num_frames, fps=fps)
    )
    sample.gt_scene_graph = SceneGraph(
        'v',
        4,
        4,
        num_frames,
        [SceneObject(i, category) for i, category in objects],
        [Relation(*row) for row in relations],
    )
    return sample


@pytest.fixture
def samples():
    return [
        make_sample(
            [(1, 'cup'), (2, 'table'), (9, 'teddy bear')], [(1, 'on', 2, [(0, 11)])]
        ),
        make_sample(
            [(4, 'table'), (5, 'ball'), (6, 'ball')],
            [(5, 'rolling on', 4, [(6, 23)]), (6, 'pushing', 5, [(3, 5), (12, 17)])],
        ),
    ]


@pytest.fixture
def scene():
    generator = torch.Generator().manual_seed(3)
    tokens = torch.randn(2, 6, 16, generator=generator)
    mask = torch.ones(2, 6, dtype=torch.bool)
    mask[0, 4:] = False
    return tokens, mask


def test_head_and_projector_take_their_width_from_the_model(make_head):
    head = make_head()
    assert isinstance(head, LLMSceneGraphHead)
    assert isinstance(head.language_model, CausalLanguageModel)
    assert head.embed_dims == 64
    assert isinstance(head.projector, MLPProjector)
    assert head.projector.layers[0].in_features == 16
    assert head.projector.layers[-1].out_features == 64


@pytest.mark.parametrize('pad_texts', [True, False])
def test_loss_is_the_mean_over_answer_tokens(make_head, samples, scene, pad_texts):
    head = make_head(loss_weight=2.0, pad_texts=pad_texts)
    losses, prompts = head.loss(*scene, samples)
    assert set(losses) == {'loss_txt'}

    # Independent: one text at a time, without padding, token by token.
    model = head.language_model
    terms, states_of = [], []
    for tokens, mask, sample in zip(*scene, samples, strict=True):
        prompt = model.encode_prompt(
            '<scene>\n3.0 seconds, 24 frames.\nWrite the scene graph.', first=True
        )
        place = prompt.index(model.scene_token_id)
        text = head.text_format.format(sample.gt_scene_graph).turns[0].text
        answer = [*model.encode_answer(text), model.end_token_id]
        embed = lambda ids: model.embed_tokens(torch.tensor(ids))  # noqa: E731
        row = torch.cat(
            [
                embed(prompt[:place]),
                head.projector(tokens[mask]),
                embed(prompt[place + 1 :]),
                embed(answer),
            ]
        )[None]
        whole = model.model(inputs_embeds=row, output_hidden_states=True)
        start = row.shape[1] - len(answer)
        for k, token in enumerate(answer):
            log = F.log_softmax(whole.logits[0, start + k - 1], -1)
            terms.append(-log[token])
        hidden = whole.hidden_states[-1][0, start:]
        states_of.append(
            [hidden[k] for k, t in enumerate(answer) if t == model.object_token_id]
        )
    torch.testing.assert_close(losses['loss_txt'], 2.0 * torch.stack(terms).mean())

    # ball 2 and ball 1 are mentioned twice and three times in the second text.
    text = head.text_format.format(samples[1].gt_scene_graph).turns[0].text
    assert text == (
        'ball 1 [Obj] pushing ball 2 [Obj] 0.12 0.25; '
        'ball 2 [Obj] rolling on table 1 [Obj] 0.25 1.00; '
        'ball 1 [Obj] pushing ball 2 [Obj] 0.50 0.75;'
    )
    assert prompts[0].object_ids == [1, 2, 9]
    assert prompts[1].object_ids == [6, 5, 4]
    first, second = states_of
    torch.testing.assert_close(prompts[0].states, torch.stack(first))
    expected = [
        (second[0] + second[4]) / 2,
        (second[1] + second[2] + second[5]) / 3,
        second[3],
    ]
    torch.testing.assert_close(prompts[1].states, torch.stack(expected))

    head.first_only = True
    _, prompts = head.loss(*scene, samples)
    expected = torch.stack([second[0], second[1], second[3]])
    torch.testing.assert_close(prompts[1].states, expected)


@pytest.mark.parametrize('pad_texts', [True, False])
def test_times_of_stills_need_not_be_learned(make_head, samples, scene, pad_texts):
    still = make_sample(
        [(1, 'cup'), (2, 'table')], [(1, 'on', 2, [(0, 0)])], num_frames=1
    )
    batch = [still, samples[1]]
    head = make_head(pad_texts=pad_texts)
    # Independent: the loss is a mean over tokens, so those of the times drop out of
    # the likelihood of the whole text.
    whole = make_head(pad_texts=pad_texts, learn_times_of_stills=True)
    nats = whole.text_likelihood(*scene, batch)
    text = whole.text_format.format(still.gt_scene_graph).turns[0].text
    assert text == 'cup 1 [Obj] on table 1 [Obj] 0.00 1.00;'
    ids = whole.language_model.encode_answer(text)
    names = [whole.language_model.decode([token]) for token in ids]
    times = [names.index(' 0.00'), names.index(' 1.00')]
    rest = head.text_likelihood(*scene, batch)
    assert rest[1] == pytest.approx(nats[1])
    assert rest[0][1] == nats[0][1] - 2
    assert rest[0][0] < nats[0][0]

    losses, prompts = head.loss(*scene, batch)
    expected = (rest[0][0] + rest[1][0]) / (rest[0][1] + rest[1][1])
    assert losses['loss_txt'].item() == pytest.approx(expected, rel=1e-5)
    # What prompts the tube decoder is the same.
    _, same = whole.loss(*scene, batch)
    for one, other in zip(prompts, same, strict=True):
        assert one.object_ids == other.object_ids
        torch.testing.assert_close(one.states, other.states)

    # And these are the tokens that dropped out.
    conversation, _ = head.conversations.write(still)
    assert conversation.untrained == [frozenset(times)]
    video, _ = head.conversations.write(samples[1])
    assert video.untrained == [frozenset()]


@pytest.mark.parametrize('known', [1, 0])
def test_likelihood_of_each_part(make_head, samples, scene, known):
    still = make_sample(
        [(1, 'cup'), (2, 'table')], [(1, 'on', 2, [(0, 0)])], num_frames=1
    )
    batch = [samples[1], still] if known else [still, samples[1]]
    head = make_head()
    rows = part_likelihoods(head, *scene, batch)
    wholes = head.text_likelihood(*scene, batch)
    for parts, (nats, count, _) in zip(rows, wholes, strict=True):
        assert sum(part.num_tokens for part in parts) == count
        assert sum(part.nats for part in parts) == pytest.approx(nats, rel=1e-5)
    video = [(part.kind, part.text) for part in rows[1 - known]]
    assert video[:4] == [
        ('subject', 'ball'), ('predicate', 'pushing'), ('object', 'ball'),
        ('times', '0.12 0.25'),
    ]  # fmt: skip
    assert len(video) == 3 * 4 + 1
    assert video[-1] == ('rest', '')
    # Times of stills are not learned.
    assert [part.kind for part in rows[known]] == [
        'subject', 'predicate', 'object', 'rest'
    ]  # fmt: skip

    # Independent: a text that ends with a label costs as much more as its tokens do.
    (first, *_), text = rows[1 - known], 'ball 1 [Obj] pushing ball 2 [Obj] 0.12 0.25; '
    place = 1 - known
    prompt = head.language_model.encode_prompt(
        '<scene>\n3.0 seconds, 24 frames.\nWrite the scene graph.', first=True
    )
    answer = head.language_model.encode_answer(text)
    conversation = Conversation([prompt], [answer])
    assembled = head.assemble(
        [conversation], scene[0][place : place + 1], scene[1][place : place + 1]
    )
    _, logits = run_conversations(head.language_model, assembled)
    log = F.log_softmax(logits[0].float(), -1)
    tokens = [head.language_model.decode([token]) for token in answer]
    number = tokens.index('ball')
    expected = -log[number, answer[number]].item()
    assert first.num_tokens == 1
    assert first.nats == pytest.approx(expected, rel=1e-4)


def test_prompts_of_an_answer_are_those_of_training(make_head, samples, scene):
    for prompt_with in ('all', 'first'):
        head = make_head(prompt_with=prompt_with).eval()
        script(
            head,
            *(head.text_format.format(s.gt_scene_graph).turns[0].text for s in samples),
        )
        _, prompts = head.loss(*scene, samples)
        for graph, prompt in zip(head.predict(*scene, samples), prompts, strict=True):
            torch.testing.assert_close(graph.states, prompt.states)
    with pytest.raises(ValueError, match='expected all or first'):
        make_head(prompt_with='last')


def test_gradients_do_not_depend_on_padding(make_head, samples, scene):
    gradients = []
    for pad_texts in (True, False):
        head = make_head(pad_texts=pad_texts)
        losses, prompts = head.loss(*scene, samples)
        told = sum(item.states.square().sum() for item in prompts)
        (losses['loss_txt'] + told).backward()
        gradients.append({name: part.grad for name, part in head.named_parameters()})
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, rtol=1e-4, atol=1e-5)


def test_gradients_reach_scene_projector_and_model(make_head, samples, scene):
    head = make_head()
    tokens, mask = scene
    tokens.requires_grad_()
    losses, prompts = head.loss(tokens, mask, samples)
    (losses['loss_txt'] + prompts[0].states.sum()).backward()
    assert tokens.grad[mask].abs().sum(-1).gt(0).all()
    assert tokens.grad[~mask].eq(0).all()
    assert head.language_model.model.get_input_embeddings().rows.grad.abs().sum() > 0


def test_objects_alone_and_empty_graphs(make_head, scene):
    head = make_head()
    samples = [make_sample([(3, 'cup')], []), make_sample([], [])]
    losses, prompts = head.loss(*scene, samples)
    assert losses['loss_txt'].isfinite()
    assert prompts[0].object_ids == [3]
    assert prompts[1].object_ids == []
    assert prompts[1].states.shape == (0, 64)


def test_answers_without_a_token_teach_nothing(make_head, scene):
    # Not even the first segment fits.
    head = make_head(max_answer_tokens=1)
    samples = [make_sample([(3, 'cup')], []), make_sample([(2, 'ball')], [])]
    losses, prompts = head.loss(*scene, samples)
    assert losses['loss_txt'] == 0
    assert [item.object_ids for item in prompts] == [[], []]
    losses['loss_txt'].backward()
    for likelihood, number, right in head.text_likelihood(*scene, samples):
        assert (likelihood, number, right) == (0, 0, 0)


def test_long_answers_are_cut_before_a_segment_and_counted(
    make_head, samples, scene, monkeypatch
):
    head = make_head(max_answer_tokens=36)
    messages = []
    monkeypatch.setattr(
        training_conversations, 'print_log', lambda text, **_: messages.append(text)
    )
    _, prompts = head.loss(*scene, samples)
    assert head.conversations.num_cut == 1
    assert '1 training answer(s) cut to 36 tokens' in messages[0]
    assert 'the last one to 2 of its 3 segments' in messages[0]
    # The last row is gone, but its objects stand in the earlier ones.
    assert prompts[1].object_ids == [6, 5, 4]
    conversation, (turn,) = head.conversations.write(samples[1])
    mentioned = turn.mentioned_ids
    assert mentioned == [6, 5, 5, 4]
    # Whoever is cut off has not finished.
    assert conversation.answers[0][-1] != head.language_model.end_token_id


def train(head, tokens, mask, samples, steps):
    optimizer = torch.optim.AdamW(head.parameters(), lr=3e-3, weight_decay=0.0)
    head.train()
    for _ in range(steps):
        losses, _ = head.loss(tokens, mask, samples)
        optimizer.zero_grad()
        losses['loss_txt'].backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        if losses['loss_txt'] < 2e-3:
            break
    head.eval()
    return losses['loss_txt'].item()


@pytest.mark.timeout(120)
def test_overfits_and_predicts_what_it_learned(make_head, samples, scene):
    head = make_head()
    tokens, mask = scene
    assert train(head, tokens, mask, samples, 300) < 2e-2
    graphs = head.predict(tokens, mask, samples)
    _, prompts = head.loss(tokens, mask, samples)
    for graph, sample, prompt in zip(graphs, samples, prompts, strict=True):
        truth = sample.gt_scene_graph
        assert graph.text == head.text_format.format(truth).turns[0].text
        assert graph.num_dropped == 0
        ids = prompt.object_ids
        assert [item.category for item in graph.objects] == [
            truth.object_by_id(i).category for i in ids
        ]
        found = {
            (ids[row.subject], row.predicate, ids[row.object], tuple(row.span))
            for row in graph.relations
        }
        assert found == {
            (row.subject, row.predicate, row.object, tuple(row.span))
            for row in truth.relations
        }
        # States are those of teacher forcing on the same text.
        torch.testing.assert_close(graph.states, prompt.states)
        assert all(0.9 < item.score <= 1 for item in graph.objects)
        assert all(0.7 < row.score <= 1 for row in graph.relations)
        scores = [row.score for row in graph.relations]
        assert scores == sorted(scores, reverse=True)

    # The scene decides: with scenes exchanged the graphs are, too.
    swapped = head.predict(tokens.flip(0), mask.flip(0), samples)
    assert [graph.text for graph in swapped] == [graphs[1].text, graphs[0].text]

    # A batch of two is each alone.
    for i, sample in enumerate(samples):
        alone = head.predict(tokens[i : i + 1], mask[i : i + 1], [sample])[0]
        assert alone.text == graphs[i].text
        torch.testing.assert_close(alone.states, graphs[i].states)
        for one, other in zip(alone.relations, graphs[i].relations, strict=True):
            assert one.score == pytest.approx(other.score, rel=1e-4)


def test_scores_are_mean_token_probabilities(make_head, samples, scene):
    head = make_head().eval()
    tokens, mask = scene
    model = head.language_model
    text = 'cup 1 [Obj] on table 1 [Obj] 0.00 0.50; nonsense; cup 2 [Obj];'
    answer = model.encode_answer(text)
    script(head, answer, [answer[0]])
    with torch.no_grad():
        graphs = head.predict(tokens, mask, samples)
    assert graphs[0].text == text
    assert graphs[0].num_dropped == 1
    assert graphs[1].objects == []
    assert graphs[1].states.shape == (0, 64)

    sample = make_sample([(1, 'cup'), (2, 'table')], [(1, 'on', 2, [(0, 11)])])
    conversation, _ = head.conversations.write(sample)
    conversation.answers = [answer]
    batch = head.assemble([conversation], tokens[:1], mask[:1])
    length = batch.labels.shape[1]
    with torch.no_grad():
        _, logits = model(batch.embeddings, batch.attention_mask, length)
    start = length - len(answer)
    chance = [
        logits[0, start + k - 1].softmax(-1)[token].item()
        for k, token in enumerate(answer)
    ]
    ends = [len(model.decode(answer[: k + 1])) for k in range(len(answer))]

    def mean(first, last):
        begins = [0, *ends]
        inside = [
            chance[k]
            for k in range(len(answer))
            if begins[k] < last and ends[k] > first
        ]
        return sum(inside) / len(inside)

    cup = mean(0, text.index(' on'))
    table = mean(text.index('table'), text.index(' 0.00'))
    row = mean(0, text.index(';') + 1)
    other = mean(text.index('cup 2'), len(text) - 1)
    scores = [item.score for item in graphs[0].objects]
    assert scores == pytest.approx([cup, table, other], rel=1e-3)
    assert graphs[0].relations[0].score == pytest.approx(row, rel=1e-3)
    assert graphs[0].relations[0].span == [(0, 11)]


def test_untrained_generation_ends_and_is_harmless(make_head, samples, scene):
    head = make_head(max_answer_tokens=24).eval()
    tokens, mask = scene
    graphs = head.predict(tokens, mask, samples)
    again = head.predict(tokens, mask, samples)
    batch = head.assemble([Conversation([[5, 7]])], tokens[:1], mask[:1])
    answer = head.language_model.generate(
        batch.embeddings, batch.attention_mask, max_new_tokens=24
    )
    assert len(answer[0]) <= 24
    for graph, other in zip(graphs, again, strict=True):
        assert graph.text == other.text
        assert graph.states.shape == (len(graph.objects), 64)


def test_loops_are_harmless(make_head, samples, scene):
    head = make_head(max_answer_tokens=2000).eval()
    row = 'cup 1 [Obj] on table 1 [Obj] 0.00 0.50; '
    script(head, row * 20, row * 20)
    graph = head.predict(*scene, samples)[0]
    assert len(graph.objects) == 2
    assert len(graph.relations) == 1


def test_samples_are_united(make_head, samples, scene):
    head = make_head(num_samples=2).eval()
    script(
        head,
        'cup 1 [Obj] on table 1 [Obj] 0.00 0.50;',
        'cup 1 [Obj] on table 1 [Obj] 0.25 0.50; ball 1 [Obj] on cup 1 [Obj] 0.0 1.0;',
    )
    tokens, mask = scene
    graph = head.predict(tokens[:1], mask[:1], samples[:1])[0]
    assert [item.category for item in graph.objects] == ['cup', 'table', 'ball']
    assert graph.states.shape == (3, 64)
    rows = {(r.subject, r.predicate, r.object): r for r in graph.relations}
    assert set(rows) == {(0, 'on', 1), (2, 'on', 0)}
    assert rows[0, 'on', 1].span in ([(0, 11)], [(6, 11)])
    scores = [row.score for row in graph.relations]
    assert scores == sorted(scores, reverse=True)


def test_what_samples_agree_on_ranks_above_what_one_is_sure_of():
    objects = [GeneratedObject(name, 1.0) for name in ('cup', 'table', 'ball')]
    keys = [('cup', 1), ('table', 1), ('ball', 1)]

    def sample(*rows):
        relations = [GeneratedRelation(a, p, b, [(0, 1)], s) for a, p, b, s in rows]
        return GeneratedGraph(objects, relations, torch.zeros(3, 4), '', 0)

    graph = unite_samples(
        [
            sample((0, 'on', 1, 0.5)),
            sample((0, 'on', 1, 0.4)),
            sample((2, 'on', 1, 0.8)),
        ],
        [keys] * 3,
    )
    found = [(row.subject, row.predicate, row.object) for row in graph.relations]
    assert found == [(0, 'on', 1), (2, 'on', 1)]
    scores = [row.score for row in graph.relations]
    assert scores == pytest.approx([(0.5 + 0.4) / 3, 0.8 / 3])
    alone = unite_samples([sample((0, 'on', 1, 0.5))], [keys])
    assert alone.relations[0].score == 0.5


def test_alternatives_of_a_span_are_rows_of_their_own():
    objects = [GeneratedObject(name, 1.0) for name in ('cup', 'table')]
    keys = [('cup', 1), ('table', 1)]

    def sample(score, *span):
        row = GeneratedRelation(0, 'on', 1, [span], score)
        return GeneratedGraph(objects, [row], torch.zeros(2, 4), '', 0)

    samples = [sample(0.4, 0, 9), sample(0.6, 0, 8), sample(0.8, 20, 29)]
    graph = unite_samples(samples, [keys] * 3)
    assert [(row.span, row.score) for row in graph.relations] == [
        ([(0, 8)], pytest.approx((0.4 + 0.6) / 3)),
        ([(20, 29)], pytest.approx(0.8 / 3)),
    ]
    # An IoU of 0.9 is not enough for one that asks for more.
    graph = unite_samples(samples, [keys] * 3, span_iou=0.95)
    assert [row.span for row in graph.relations] == [
        [(20, 29)],
        [(0, 8)],
        [(0, 9)],
    ]
    # And 0 makes one row of all.
    graph = unite_samples(samples, [keys] * 3, span_iou=0.0)
    assert [(row.span, row.score) for row in graph.relations] == [
        ([(20, 29)], pytest.approx((0.4 + 0.6 + 0.8) / 3))
    ]


def test_what_a_grammar_forces_does_not_count_in_scores():
    text = 'cup 1 [Obj]; on table'
    answer = WrittenAnswer(
        ids=list(range(6)),
        probabilities=[0.2, 1.0, 0.9, 0.8, 0.4, 0.6],
        is_forced=[False, True, True, True, False, False],
        states={2: torch.ones(4)},
        decoded=DecodedAnswer(text, [3, 6, 11, 12, 15, len(text)]),
    )
    mention = [(0, 0, 11)]
    parsed = ParsedGraph(
        [ParsedObject('cup', 1, mention, [(0, 6, 11)])],
        [
            ParsedRelation(0, 'on', 0, [(0, 1)], [[*mention, (0, 12, len(text))]]),
            ParsedRelation(0, 'at', 0, [(0, 1)], [[(0, 3, 12)]]),
        ],
    )
    free = score_graph(parsed, [answer], torch.zeros(0, 4))
    assert free.objects[0].score == pytest.approx(0.2)
    assert torch.equal(free.states, torch.ones(1, 4))
    scores = {row.predicate: row.score for row in free.relations}
    # What is forced as a whole counts all the same.
    assert scores == pytest.approx({'on': (0.2 + 0.4 + 0.6) / 3, 'at': 2.7 / 3})
    every = score_graph(parsed, [answer], torch.zeros(0, 4), score_tokens='all')
    assert every.objects[0].score == pytest.approx((0.2 + 1.0 + 0.9) / 3)
    scores = {row.predicate: row.score for row in every.relations}
    assert scores['on'] == pytest.approx((0.2 + 1.0 + 0.9 + 0.4 + 0.6) / 5)


def test_a_head_hands_options_to_its_decoder(make_head):
    head = make_head(decoder=dict(score_tokens='all', span_iou=0.25))
    assert (head.decoder.score_tokens, head.decoder.span_iou) == ('all', 0.25)
    with pytest.raises(ValueError, match='score_tokens'):
        make_head(decoder=dict(score_tokens='some'))


def test_what_samples_say_of_objects_and_pairs_is_united():
    def sample(score, description, pairs):
        cup = GeneratedObject('cup', score, description)
        objects = [cup, GeneratedObject('table', 0.5, 'wide')]
        rows = [
            GeneratedRelation(a, 'on', b, [(0, 1)], score, reason)
            for (a, b), reason in pairs.items()
        ]
        return GeneratedGraph(objects, rows, torch.zeros(2, 4), '', 0, pairs)

    graph = unite_samples(
        [
            sample(0.4, 'red', {(0, 1): 'they touch'}),
            sample(0.8, 'blue', {(1, 0): 'near', (0, 1): 'it lies there'}),
        ],
        [[('cup', 1), ('table', 1)], [('cup', 1), ('table', 2)]],
    )
    described = [(item.category, item.description) for item in graph.objects]
    assert described == [('cup', 'blue'), ('table', 'wide'), ('table', 'wide')]
    assert [item.in_first_sample for item in graph.objects] == [True, True, False]
    assert graph.pairs == {
        (0, 1): 'they touch',
        (2, 0): 'near',
        (0, 2): 'it lies there',
    }
    reasons = {(row.subject, row.object): row.reason for row in graph.relations}
    assert reasons == graph.pairs


def test_an_open_answer_has_no_end(make_head, samples, scene):
    head = make_head()
    options = dict(objects_first=True)
    closed = DirectTextFormat(**options)
    opened = DirectTextFormat(**options, objects_only=True)
    end = head.language_model.end_token_id
    for text_format, ends in ((closed, True), (opened, False)):
        conversation, _ = head.conversations.write(samples[0], text_format)
        assert (conversation.answers[0][-1] == end) == ends
    tokens, mask = scene
    rows = head.text_likelihood(tokens, mask, samples, text_format=opened)
    conversation, (turn,) = head.conversations.write(samples[0], opened)
    mentioned = turn.mentioned_ids
    assert rows[0][1] == len(conversation.answers[0])
    _, prompts = head.loss(tokens, mask, samples, text_format=opened)
    assert prompts[0].object_ids == mentioned


def test_tokens_in_the_width_of_the_language_model_are_not_projected(
    make_head, samples, scene
):
    head = make_head().eval()
    tokens, mask = scene
    plain = head.loss(tokens, mask, samples)[0]['loss_txt']
    projected = head.projector(tokens)
    same = head.loss(projected, mask, samples, project=False)[0]['loss_txt']
    torch.testing.assert_close(plain, same)
    rows = head.text_likelihood(projected, mask, samples, project=False)
    assert rows[0][0] == pytest.approx(
        head.text_likelihood(tokens, mask, samples)[0][0]
    )


def test_samples_of_a_batch_go_to_their_videos(make_head, samples, scene):
    head = make_head(num_samples=3).eval()
    names = ['cup', 'ball', 'lamp', 'dog', 'book', 'mug']
    script(head, *(f'{name} 1 [Obj];' for name in names))
    graphs = head.predict(*scene, samples)
    found = [[item.category for item in graph.objects] for graph in graphs]
    assert found == [names[:3], names[3:]]
    # Each sees the scene of its video.
    _, prompts = head.loss(*scene, [make_sample([(1, 'cup')], [])] * 2)
    torch.testing.assert_close(graphs[0].states[:1], prompts[0].states)
    _, prompts = head.loss(*scene, [make_sample([(1, 'dog')], [])] * 2)
    torch.testing.assert_close(graphs[1].states[:1], prompts[1].states)


def test_free_answers_end_where_they_get_too_long(make_head, samples, scene):
    head = make_head(num_samples=3, max_answer_tokens=8).eval()
    ball = head.language_model.encode_answer('ball')[0]
    script(head, *[[ball] * 20] * 6)
    graph = head.predict(*scene, samples)[0]
    assert graph.text == '\n'.join(['ball' * 8] * 3)
    assert graph.num_dropped == 3


def test_state_dict_round_trip(make_head, samples, scene):
    head, other = make_head(), make_head()
    for parameter in other.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        other.load_state_dict(head.state_dict())
    first = head.loss(*scene, samples)[0]['loss_txt']
    assert torch.equal(first, other.loss(*scene, samples)[0]['loss_txt'])


@TASK_UTILS.register_module()
class TwoTurnFormat(SceneGraphTextFormat):
    """Lists categories with ``[Obj]``, then the same categories alone."""

    num_turns = 2

    def prompt(self, turn, answers):
        return ('Write the objects.', 'Write them again.')[turn]

    def format(self, scene_graph):
        first, second = FormattedTurn(), FormattedTurn()
        for item in scene_graph.objects:
            first.add(f'{item.category} [Obj];', item.id)
            second.add(f'{item.category};')
        return FormattedGraph([first, second])

    def parse(self, turns, num_frames):
        graph = ParsedGraph()
        for match in re.finditer(r'([a-z ]+) (\[Obj\]);', turns[0]):
            item = ParsedObject(match[1].strip(), len(graph.objects))
            item.prompts.append((0, *match.span(2)))
            item.mentions.append((0, *match.span()))
            for other in re.finditer(re.escape(item.category), turns[1]):
                item.mentions.append((1, *other.span()))
            graph.objects.append(item)
        return graph


@pytest.mark.timeout(120)
def test_conversations_of_several_turns(make_head, samples, scene):
    head = make_head(text_format=dict(type='TwoTurnFormat'))
    assert train(head, *scene, samples, 200) < 2e-2
    graphs = head.predict(*scene, samples)
    _, prompts = head.loss(*scene, samples)
    first, second = graphs[0].text.split('\n')
    assert first == 'cup [Obj]; table [Obj]; teddy bear [Obj];'
    assert second == 'cup; table; teddy bear;'
    for graph, prompt in zip(graphs, prompts, strict=True):
        torch.testing.assert_close(graph.states, prompt.states)
        assert all(item.score > 0.9 for item in graph.objects)


def test_automatic_mixed_precision(make_head, samples, scene):
    head = make_head()
    full = head.loss(*scene, samples)[0]['loss_txt']
    with torch.autocast('cpu', dtype=torch.bfloat16):
        losses, _ = head.loss(*scene, samples)
        graphs = head.eval().predict(*scene, samples)
    assert losses['loss_txt'].dtype == torch.float32
    torch.testing.assert_close(losses['loss_txt'], full, rtol=0.02, atol=0)
    assert len(graphs) == 2


def test_samples_are_written_in_both_formats_by_their_share(make_head, samples, scene):
    head = make_head(
        text_format=dict(type='ChainedTextFormat'),
        direct_text_format=dict(type='DirectTextFormat'),
        direct_share=0.25,
    )
    torch.manual_seed(1)
    formats = [type(*head.conversations.sample_formats()) for _ in range(400)]
    assert 70 < formats.count(DirectTextFormat) < 130
    written = {
        len(head.conversations.write(samples[0], text_format)[0].answers)
        for text_format in (None, head.conversations.direct_text_format)
    }
    assert written == {4, 1}
    torch.manual_seed(0)
    losses, prompts = head.loss(*scene, samples)
    assert losses['loss_txt'].isfinite()
    assert sorted(prompts[0].object_ids) == [1, 2, 9]
    # Without the share, all samples are chained.
    only = make_head(text_format=dict(type='ChainedTextFormat'))
    assert {type(*only.conversations.sample_formats()) for _ in range(20)} == {
        type(only.text_format)
    }


@pytest.mark.parametrize('pad_texts', [True, False])
def test_a_scene_with_texts_in_both_formats_is_read_once(
    make_head, samples, scene, pad_texts
):
    formats = dict(
        text_format=dict(type='ChainedTextFormat'),
        direct_text_format=dict(type='DirectTextFormat'),
        max_answer_tokens=256,
    )
    head = make_head(texts_per_scene=2, pad_texts=pad_texts, **formats)
    direct, chained = head.conversations.direct_text_format, head.text_format
    read = []
    head.projector.register_forward_hook(lambda *_: read.append(1))
    found, prompts = head.loss(*scene, samples)
    assert len(read) == 1
    # Both texts count by their tokens.
    nats = count = 0
    for text_format in (chained, direct):
        for row in head.text_likelihood(*scene, samples, text_format=text_format):
            nats, count = nats + row[0], count + row[1]
    assert found['loss_txt'].item() == pytest.approx(nats / count, rel=1e-5)
    # The first text prompts, whichever it was.
    assert [sorted(item.object_ids) for item in prompts] == [[1, 2, 9], [4, 5, 6]]
    torch.manual_seed(2)
    firsts = [head.conversations.sample_formats(2) for _ in range(20)]
    assert {tuple(map(type, row)) for row in firsts} == {
        (DirectTextFormat, type(chained)),
        (type(chained), DirectTextFormat),
    }
    # In inference mode, as where annotated texts are looked at, there is one.
    torch.manual_seed(0)
    one, _ = head.eval().loss(*scene, samples)
    assert one['loss_txt'].item() != pytest.approx(nats / count, rel=1e-5)


def test_parts_of_which_every_token_is_the_likeliest(
    make_head, samples, scene, monkeypatch
):
    head = make_head()
    wrong = set(head.language_model.encode_answer(' pushing'))
    token_losses = head.token_losses

    def certain_but_of_pushing(batch):
        losses, labels, logits = token_losses(batch)
        best = torch.nn.functional.one_hot(labels.clamp(min=0), logits.shape[-1])
        best[torch.isin(labels, torch.tensor(sorted(wrong)))] = 0
        return losses, labels, best.float()

    monkeypatch.setattr(head, 'token_losses', certain_but_of_pushing)
    parts = [part for row in part_likelihoods(head, *scene, samples) for part in row]
    labels = [part for part in parts if part.text]
    assert {part.text for part in labels if not part.is_likeliest} == {'pushing'}
    assert any(part.is_likeliest for part in labels)


@pytest.mark.parametrize('pad_texts', [True, False])
def test_tokens_count_by_what_they_say(make_head, samples, scene, pad_texts):
    weights = dict(predicate=3.0, times=0.5, rest=0.0)
    head = make_head(token_weights=weights, pad_texts=pad_texts)
    parts = [part for row in part_likelihoods(head, *scene, samples) for part in row]
    assert {part.kind for part in parts} == {
        'mention', 'subject', 'predicate', 'object', 'times', 'rest'
    }  # fmt: skip
    nats = sum(weights.get(part.kind, 1.0) * part.nats for part in parts)
    total = sum(weights.get(part.kind, 1.0) * part.num_tokens for part in parts)
    losses, _ = head.loss(*scene, samples)
    assert losses['loss_txt'].item() == pytest.approx(nats / total, rel=1e-4)
    # Alike weights are none.
    alike = make_head(token_weights=dict.fromkeys(('rest', 'times'), 1.0))
    expected, _ = make_head().loss(*scene, samples)
    torch.testing.assert_close(alike.loss(*scene, samples)[0], expected)


@pytest.fixture
def chained_head(make_head):
    return lambda **options: make_head(
        text_format=dict(type='ChainedTextFormat'), **options
    )


@pytest.fixture
def reasoned():
    """Return a video in which one pair has two relations, with two reasons."""
    sample = make_sample(
        [(4, 'table'), (5, 'ball'), (6, 'cup')],
        [
            (5, 'on', 4, [(12, 23)]),
            (5, 'falling onto', 4, [(3, 11)]),
            (6, 'pushing', 5, [(3, 5), (12, 17)]),
        ],
    )
    for row, reason in zip(
        sample.gt_scene_graph.relations, ('it rests', 'it falls', ''), strict=True
    ):
        row.reason = reason
    return sample


def test_some_texts_tell_one_relation_as_a_search_asks_for_it(chained_head, reasoned):
    head = chained_head(single_share=1.0)
    whole = [turn.text for turn in head.conversations.write(reasoned)[1]]
    assert whole[1].startswith('ball 1 | table 1 | it falls; cup 1 | ball 1 | ')
    told = set()
    for _ in range(40):
        _, turns = head.conversations.write(reasoned, for_training=True)
        told.add(tuple(turn.text for turn in turns))
    # Any of the three, among all objects, with the reason that its pair has there.
    pairs = [f'{row.strip()};' for row in whole[1].split(';') if row.strip()]
    expected = {
        (whole[0], pairs['cup 1' in times], times.rpartition(' | ')[0] + ';', times)
        for times in (f'{row.strip()};' for row in whole[3].split(';') if row.strip())
    }
    assert len(expected) == 3 and told == expected


def test_how_many_relations_there_are_is_learned_from_whole_texts(
    chained_head, reasoned, samples
):
    single, whole = chained_head(single_share=1.0), chained_head()

    def untrained(head, sample):
        conversation, _ = head.conversations.write(sample, for_training=True)
        # What the model reads is the same: an end closes each answer.
        end = head.language_model.end_token_id
        assert [ids[-1] for ids in conversation.answers] == [end] * 4
        return conversation.untrained, [len(ids) - 1 for ids in conversation.answers]

    assert untrained(whole, reasoned)[0] == [frozenset()] * 4
    places, ends = untrained(single, reasoned)
    assert places == [frozenset(), *(frozenset({end}) for end in ends[1:])]
    # Where there is one relation, nothing could follow.
    assert untrained(single, samples[0])[0] == [frozenset()] * 4
    # Times of stills are not learned besides.
    still = make_sample(
        [(1, 'cup'), (2, 'table')],
        [(1, 'on', 2, [(0, 0)]), (2, 'pushing', 1, [(0, 0)])],
        num_frames=1,
    )
    times = untrained(whole, still)[0][3]
    assert len(times) > 2
    places, ends = untrained(single, still)
    assert places[:3] == [frozenset(), {ends[1]}, {ends[2]}]
    assert ends[3] in places[3] and 2 < len(places[3]) < len(times)


def test_a_relation_whose_objects_find_no_room_is_not_told_alone(chained_head):
    sample = make_sample(
        [(i, 'cup') for i in range(4)],
        [(0, 'on', 1, [(0, 9)]), (2, 'on', 3, [(0, 9)])],
    )
    head = chained_head(single_share=1.0)
    turns = head.conversations.write(sample)[1]
    lengths = [len(head.conversations._encode(turn)) for turn in turns]
    short = chained_head(single_share=1.0, max_answer_tokens=lengths[0] - 1)
    for _ in range(10):
        _, turns = short.conversations.write(sample, for_training=True)
        assert len(turns[0].segments) < 4
        # The other one is left, and none is told to be none.
        assert turns[3].text.startswith('cup 1 | on | cup 2 | ')


def test_what_is_learned_may_be_one_relation_and_what_is_measured_is_all(
    chained_head, samples, scene
):
    one, whole = chained_head(single_share=1.0), chained_head()
    whole.load_state_dict(one.state_dict())
    told = one.conversations.write(samples[1])[1]
    assert len(told[3].segments) == len(samples[1].gt_scene_graph.relations) > 1
    losses = [head.loss(*scene, samples)[0]['loss_txt'] for head in (one, whole)]
    assert not torch.isclose(*losses)
    measured = [head.text_likelihood(*scene, samples) for head in (one, whole)]
    assert measured[0] == measured[1]


def test_a_share_of_texts_tells_one_relation(chained_head, make_head, reasoned):
    conversations = chained_head(single_share=0.5).conversations
    counts = [
        len(conversations.write(reasoned, for_training=True)[1][3].segments)
        for _ in range(100)
    ]
    assert set(counts) == {1, 3} and 0.35 < counts.count(1) / 100 < 0.65
    # Direct texts begin with any relation as they are.
    direct = make_head(single_share=1.0).conversations
    text = direct.write(reasoned, for_training=True)[1][0].text
    assert text == direct.write(reasoned)[1][0].text


@pytest.mark.parametrize('share', [-0.1, 1.1])
def test_a_share_of_texts_is_a_share(chained_head, share):
    with pytest.raises(ValueError, match=f'single_share is {share}, expected 0 to 1'):
        chained_head(single_share=share)


def test_token_weights_are_checked(make_head):
    with pytest.raises(ValueError, match=r"token_weights has \['verb'\]"):
        make_head(token_weights=dict(verb=2.0))
    with pytest.raises(ValueError, match='none below 0'):
        make_head(token_weights=dict(times=-1.0))


def test_only_answers_are_learned_in_every_turn(make_head, samples):
    head = make_head(text_format=dict(type='ChainedTextFormat'))
    conversation, turns = head.conversations.write(samples[1])
    batch = head.assemble(
        [conversation], torch.zeros(1, 2, 16), torch.ones(1, 2, dtype=torch.bool)
    )
    labels = [label for label in batch.labels[0].tolist() if label != -100]
    assert labels == [token for answer in conversation.answers for token in answer]
    assert len(conversation.prompts) == len(conversation.answers) == 4
    end = head.language_model.end_token_id
    assert [answer[-1] for answer in conversation.answers] == [end] * 4
    assert [turn.text.count('[Obj]') for turn in turns] == [3, 0, 0, 0]


def test_a_conversation_has_a_longest_length(make_head, samples):
    head = make_head(text_format=dict(type='ChainedTextFormat'))
    lengths = [len(x) for x in head.conversations.write(samples[1])[0].answers]
    limit = sum(lengths[:3]) - 1
    short = make_head(
        text_format=dict(type='ChainedTextFormat'), max_conversation_tokens=limit
    )
    answers = short.conversations.write(samples[1])[0].answers
    assert sum(map(len, answers)) <= limit
    assert 0 < len(answers[2]) < lengths[2]
    assert short.conversations.num_cut == 1


@pytest.mark.parametrize('limit', [90, 45, 30, 12, 1])
def test_no_answer_speaks_of_what_an_earlier_one_left_out(make_head, limit):
    head = make_head(
        text_format=dict(type='ChainedTextFormat'), max_answer_tokens=limit
    )
    objects = [(i, name) for i, name in enumerate(CATEGORIES * 2)]
    relations = [(i, 'on', (i + 3) % 8, [(i, 20)]) for i in range(8)]
    sample = make_sample(objects, relations)
    conversation, turns = head.conversations.write(sample)
    assert head.conversations.num_cut == (limit < 200)
    assert limit == 1 or all(len(ids) <= limit for ids in conversation.answers)
    # It is a whole conversation about fewer objects and relations.
    end = head.language_model.end_token_id
    assert all(ids[-1] == end for ids in conversation.answers)
    texts = [turn.text for turn in turns]
    parsed = head.text_format.parse(texts, 24)
    assert parsed.dropped == []
    assert len(parsed.objects) == len(turns[0].mentioned_ids)
    names = {f'{item.category} {item.number}' for item in parsed.objects}
    said = [row.split(' | ') for row in texts[2].rstrip(';').split('; ')]
    if parsed.relations:
        assert {row[0] for row in said} | {row[2] for row in said} <= names
