"""Configs are read at a glance: flat, and without what nothing uses."""

import ast
from functools import cache
from pathlib import Path

import pytest
from mmengine.config import Config

ROOT = Path(__file__).resolve().parents[2] / 'configs'
FILES = sorted(ROOT.rglob('*.py'))
RECIPES = [path for path in FILES if '_base_' not in path.parts]
NAMES = [str(path.relative_to(ROOT)) for path in RECIPES]
# What a runner, the inferencer or a study reads of a config.
KEYS = {
    'auto_scale_lr', 'custom_hooks', 'custom_imports', 'default_hooks', 'default_scope',
    'env_cfg', 'load_from', 'log_level', 'log_processor', 'model', 'optim_wrapper',
    'param_scheduler', 'randomness', 'resume', 'runner_type', 'strategy', 'test_cfg',
    'test_dataloader', 'test_evaluator', 'train_cfg', 'train_dataloader', 'val_cfg',
    'val_dataloader', 'val_evaluator', 'visualizer', 'work_dir',
    'inference_pipeline', 'published_checkpoint',
    'baseline', 'ground_truth', 'groups', 'label_groups', 'rows', 'runs',
    'test_options', 'train', 'unseen',
}  # fmt: skip


@cache
def tree(path):
    return ast.parse(path.read_text())


def bases(path):
    """Return the files that a config names as its bases."""
    for row in tree(path).body:
        if isinstance(row, ast.Assign) and row.targets[0].id == '_base_':
            return [
                (path.parent / name).resolve() for name in ast.literal_eval(row.value)
            ]
    return []


def levels(path):
    """Return the number of files of a config's longest chain, itself included."""
    return 1 + max(map(levels, bases(path)), default=0)


def chain(path):
    """Return the files that a config is made of."""
    return {path}.union(*map(chain, bases(path)))


def read_names(path):
    """Return the variables that a config reads, its own and those of its bases."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and getattr(node.value, 'id', '') == (
            '_base_'
        ):
            names.add(node.attr)
    return names


def test_no_config_has_more_than_three_levels():
    deep = {str(path.relative_to(ROOT)): levels(path) for path in FILES}
    assert len(deep) > 100
    assert {name: depth for name, depth in deep.items() if depth > 3} == {}


@pytest.mark.parametrize('name', NAMES)
def test_a_config_keeps_no_variable_that_nothing_uses(name):
    path = ROOT / name
    used = set().union(*map(read_names, chain(path)))
    assert set(Config.fromfile(path)) - KEYS - used == set()


@pytest.mark.parametrize('name', [name for name in NAMES if 'tabletop/' in name])
def test_a_mini_config_is_made_of_mini_parts(name):
    parts = {path.stem for path in chain(ROOT / name)}
    # Its LoRA is the full recipe's.
    parts -= {'llama2_7b'} if name.endswith('step1_lora.py') else set()
    full = {'four_d_llm', 'imagebind_huge', 'llama2_7b', 'sam2_hiera_large', 'table_9'}
    full |= {'psg4dformer', 'segmentation', 'relation', 'sgpn'} - {Path(name).stem}
    assert parts & full == set()


@pytest.mark.parametrize('name', [name for name in NAMES if name.startswith('4dllm')])
def test_the_rate_of_a_recipe_stands_once(name):
    rates = [
        ast.unparse(node)
        for file in chain(ROOT / name)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.keyword) and node.arg == 'lr'
    ]
    assert len(rates) == ('optim_wrapper' in Config.fromfile(ROOT / name))
