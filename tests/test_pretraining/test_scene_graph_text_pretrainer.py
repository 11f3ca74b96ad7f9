import math

import pytest
import torch
import torch.nn.functional as F

from mmfourdpsg.pretraining.metrics import SceneGraphTextMetric
from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='SceneGraphTextPretrainer',
            scene_graph_head=dict(
                type='LLMSceneGraphHead',
                language_model=dict(
                    type='CausalLanguageModel',
                    name_or_path='checkpoints/tabletop/tiny_llama',
                    pretrained=False,
                ),
                text_format=dict(type='DirectTextFormat', delimited=False, decimals=2),
            ),
        )
    )


def a_sample(names, predicate, span):
    sample = SceneGraphDataSample(metainfo=dict(num_frames=10, fps=5.0))
    objects = [SceneObject(i, name) for i, name in enumerate(names)]
    sample.gt_scene_graph = SceneGraph(
        'video', 8, 8, 10, objects, [Relation(0, predicate, 1, [span])]
    )
    return sample


@pytest.fixture
def samples():
    return [
        a_sample(('cube', 'table'), 'on', (0, 9)),
        a_sample(('ball', 'mug', 'floor'), 'falling into', (2, 4)),
    ]


def test_texts_are_learned_without_a_scene(model, samples):
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=2e-3)
    for _ in range(120):
        loss = model({}, samples, mode='loss')
        assert list(loss) == ['loss_txt']
        optimiser.zero_grad()
        loss['loss_txt'].backward()
        optimiser.step()
    model.eval()(dict(), samples, mode='predict')
    for sample in samples:
        loss, count, right = sample.text_likelihood
        # The first word cannot be foreseen: two texts begin alike.
        assert right >= count - 1
        assert loss / count < 0.5


def test_the_projector_does_not_train(model, samples):
    projector = model.scene_graph_head.projector
    assert not any(weight.requires_grad for weight in projector.parameters())
    model({}, samples, mode='loss')['loss_txt'].backward()
    assert all(weight.grad is None for weight in projector.parameters())
    rows = model.scene_graph_head.language_model.model.get_input_embeddings().rows
    assert rows.grad[0].abs().sum() > 0


def test_likelihood_is_that_of_the_loss(model, samples):
    model.eval()
    model({}, samples, mode='predict')
    rows = [sample.text_likelihood for sample in samples]
    mean = sum(row[0] for row in rows) / sum(row[1] for row in rows)
    assert float(model({}, samples, mode='loss')['loss_txt']) == pytest.approx(mean)
    # Each text alone, token by token.
    head = model.scene_graph_head
    language_model = head.language_model
    for sample, (loss, count, right) in zip(samples, rows, strict=True):
        conversation, _ = head.conversations.write(sample)
        (prompt,), (answer,) = conversation.prompts, conversation.answers
        prompt = [i for i in prompt if i != language_model.scene_token_id]
        ids = torch.tensor([prompt + answer])
        mask = torch.ones_like(ids, dtype=torch.bool)
        with torch.no_grad():
            _, logits = language_model(
                language_model.embed_tokens(ids), mask, ids.shape[1]
            )
        logits = logits[0, len(prompt) - 1 : -1]
        target = torch.tensor(answer)
        assert count == len(answer)
        assert right == int((logits.argmax(-1) == target).sum())
        expected = float(F.cross_entropy(logits, target, reduction='sum'))
        assert loss == pytest.approx(expected, rel=1e-4)


def test_the_metric_counts_tokens_not_texts():
    metric = SceneGraphTextMetric()
    metric.process(
        None,
        [
            dict(text_likelihood=(math.log(2) * 10, 10, 9)),
            dict(text_likelihood=(math.log(8) * 5, 5, 0)),
        ],
    )
    scores = metric.evaluate(2)
    # 10 tokens at 1/2 and 5 at 1/8: 25 bits in 15 tokens.
    assert scores['text/perplexity'] == pytest.approx(2 ** (25 / 15))
    assert scores['text/token_accuracy'] == pytest.approx(60)
