"""Inference stage by stage."""

import copy

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from mmfourdpsg.models import BaseSceneGraphModel
from mmfourdpsg.models.text_formats.labels import escape_label
from mmfourdpsg.registry import DATASETS, MODELS

CONFIG = 'configs/4dllm/tabletop/step1_scratch.py'
CHAINED = dict(
    type='ChainedTextFormat',
    instruction='',
    stages=('a', 'b', 'c', 'd'),
    max_objects=4,
    max_pairs=4,
    max_label_tokens=3,
    max_phrase_tokens=4,
)


@pytest.fixture(scope='module')
def config(repository, tiny_world):
    config = Config.fromfile(repository / CONFIG)
    config.test_dataloader.dataset.data_root = str(tiny_world)
    return config


def build(config, **head):
    model = copy.deepcopy(config.model)
    for key, value in head.items():
        model.scene_graph_head[key] = value
    # Objects of random weights have few pixels.
    model.assembler = dict(type='SceneGraphAssembler', overlap='keep')
    # Stages know objects before they know what needs them.
    model.object_selector.drop_unrelated = False
    torch.manual_seed(4)
    return MODELS.build(model).eval()


@pytest.fixture(scope='module')
def model(config):
    return build(config, text_format=CHAINED, num_samples=2, max_answer_tokens=40)


def make_batch(config, model):
    dataset = DATASETS.build(config.test_dataloader.dataset)
    items = [dataset[index] for index in range(2)]
    for item in items:
        sample = item['data_samples']
        sample.frame_reader = [sample.frame_reader[i] for i in range(3)]
    return model.data_preprocessor(pseudo_collate(items))


@pytest.fixture
def batch(config, model):
    return make_batch(config, model)


@pytest.fixture(scope='module')
def stages(config, model):
    """Each stage, and how often the tube decoder was called up to it."""
    with pytest.MonkeyPatch.context() as patch:
        calls = []
        predict = model.tube_decoder.predict

        def counted(*args):
            calls.append(args)
            return predict(*args)

        patch.setattr(model.tube_decoder, 'predict', counted)
        torch.manual_seed(0)
        batch = make_batch(config, model)
        found = [(stage, len(calls)) for stage in model.predict_stages(**batch)]
    assert all('pred_scene_graph' not in sample for sample in batch['data_samples'])
    return found


def test_tubes_are_decoded_once_a_video_and_right_after_the_first_turn(stages):
    assert [count for _, count in stages] == [2, 2, 2, 2]


def test_objects_have_tubes_before_relations_are_known(stages):
    stages = [stage for stage, _ in stages]
    assert [(s.number, s.num_stages, s.name) for s in stages] == [
        (1, 4, 'objects'),
        (2, 4, 'pairs'),
        (3, 4, 'relations'),
        (4, 4, 'times'),
    ]
    for index in range(2):
        samples = [stage.data_samples[index] for stage in stages]
        graphs = [sample.pred_scene_graph for sample in samples]
        assert graphs[0].objects
        assert all(item.tube is not None for item in graphs[0].objects)
        assert all(graph.objects == graphs[0].objects for graph in graphs)
        assert not graphs[0].relations and not graphs[1].relations
        assert not samples[0].generated_pairs
        assert samples[1].generated_pairs
        assert graphs[2].relations
        whole = [(0, graphs[0].num_frames - 1)]
        assert all(row.span == whole for row in graphs[2].relations)
        assert {(row.subject, row.object) for row in graphs[3].relations} <= set(
            samples[1].generated_pairs
        )
        lengths = [len(sample.generated_text) for sample in samples]
        assert lengths == sorted(set(lengths))


def test_the_last_stage_is_what_predict_finds(model, batch, stages):
    torch.manual_seed(0)
    samples = model.predict(**batch)
    assert samples is batch['data_samples']
    for sample, other in zip(samples, stages[-1][0].data_samples, strict=True):
        assert sample.pred_scene_graph == other.pred_scene_graph
        assert sample.generated_text == other.generated_text
        assert sample.generated_pairs == other.generated_pairs


def test_what_is_said_of_objects_and_pairs_is_in_the_graph(stages):
    for sample in stages[-1][0].data_samples:
        graph, text = sample.pred_scene_graph, sample.generated_text.lower()
        assert any(item.description for item in graph.objects)
        assert all(escape_label(item.description) in text for item in graph.objects)
        assert any(row.reason for row in graph.relations)
        for row in graph.relations:
            assert (row.subject, row.object) in sample.generated_pairs
            assert escape_label(row.reason) in text


def test_a_generator_that_is_closed_leaves_the_model_as_it_was(model, batch):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    stages = model.predict_stages(**batch)
    assert next(stages).number == 1
    assert torch.is_grad_enabled()
    stages.close()
    after = model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_direct_inference_has_one_stage(config, batch):
    model = build(config, max_answer_tokens=24, num_samples=1)
    torch.manual_seed(0)
    (stage,) = model.predict_stages(**batch)
    assert (stage.number, stage.num_stages) == (1, 1)
    torch.manual_seed(0)
    samples = model.predict(**batch)
    assert [sample.pred_scene_graph for sample in samples] == [
        sample.pred_scene_graph for sample in stage.data_samples
    ]


def test_a_model_without_stages_predicts_all_at_once():
    class Model(BaseSceneGraphModel):
        def loss(self, inputs, data_samples):
            return {}

        def predict(self, inputs, data_samples):
            return [*data_samples, inputs]

    (stage,) = Model().predict_stages('inputs', ['sample'])
    assert (stage.name, stage.number, stage.num_stages) == ('scene graph', 1, 1)
    assert stage.data_samples == ['sample', 'inputs']
