"""Recipes are told from each other by what decides what is learned."""

from pathlib import Path

import pytest

from mmfourdpsg.analysis.studies.recipe_digest import (
    chain_digest,
    recipe_digest,
    row_digest,
)

CONFIG = """
model = dict(
    type='M',
    size=8,
    encoder=dict(checkpoint={weights!r}, text={text!r}),
    assembler=dict(object_calibration=[1.0, 0.0], span_iou=0.5),
)
optim_wrapper = dict(optimizer=dict(lr=0.1))
train_cfg = dict(max_epochs=2, val_interval=1)
default_hooks = dict(logger=dict(interval=10))
work_dir = 'here'
load_from = 'somewhere.pth'
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / 'weights').mkdir()
    (tmp_path / 'weights/a.safetensors').write_text('1')
    path = tmp_path / 'config.py'
    # Longer than a file's name may be.
    text = 'a/b ' * 1000
    path.write_text(CONFIG.format(weights=str(tmp_path / 'weights'), text=text))
    return dict(config=str(path))


def test_a_recipe_has_one_digest(run):
    assert recipe_digest(run, {}) == recipe_digest(dict(run, options=[]), {})
    assert len(recipe_digest(run, {})) == 12


@pytest.mark.parametrize(
    ('option', 'counts'),
    [
        ('model.assembler.object_calibration=[2.0,1.0]', False),
        ('model.assembler.relation_calibration=[2.0,1.0]', False),
        ('model.assembler.span_iou=0.0', True),
        ('model.size=9', True),
        ('optim_wrapper.optimizer.lr=0.2', True),
        ('load_from=other.pth', True),
        ('train_cfg.max_epochs=3', True),
        ('train_cfg.val_interval=2', False),
        ('train_cfg.val_begin=1000', False),
        ('default_hooks.logger.interval=20', False),
        ('work_dir=there', False),
        ('randomness.seed=3', False),
    ],
)
def test_settings_that_change_weights_change_the_digest_and_others_do_not(
    run, option, counts
):
    changed = recipe_digest(dict(run, options=[option]), {})
    assert (changed != recipe_digest(run, {})) == counts


def test_weights_count_by_what_they_hold(run, tmp_path):
    before = recipe_digest(run, {})
    (tmp_path / 'weights/a.safetensors').write_text('2')
    assert recipe_digest(run, {}) != before
    (tmp_path / 'weights/a.safetensors').write_text('1')
    assert recipe_digest(run, {}) == before


def test_what_a_run_loads_counts(run):
    runs = dict(
        first=run,
        second=dict(run, loads=dict(load_from='first')),
        other=dict(run, options=['model.size=9']),
    )
    both = chain_digest(runs, 'second')
    assert both != chain_digest(runs, 'first')
    assert both != chain_digest(dict(runs, first=runs['other']), 'second')
    study = dict(runs=runs)
    assert row_digest(study, dict(name='x', run='second')) == both


def test_an_untrained_row_does_not_count_its_training(run):
    row = dict(run, checkpoint='none')
    digest = row_digest({}, row)
    assert digest.endswith(' none')
    rate = ['optim_wrapper.optimizer.lr=0.2']
    assert row_digest({}, dict(row, options=rate)) == digest
    assert row_digest({}, dict(row, options=['model.size=9'])) != digest
    assert row_digest({}, dict(name='x', predictions='some.json')) is None


def test_a_run_that_is_tested_with_another_config_is_another_row(run, tmp_path):
    study, row = dict(runs=dict(last=run)), dict(run='last')
    other = tmp_path / 'other.py'
    other.write_text(Path(run['config']).read_text().replace('size=', 'size=1'))
    digests = {
        row_digest(study, row),
        row_digest(study, dict(row, test_config=run['config'])),
        row_digest(study, dict(row, test_config=str(other))),
    }
    assert len(digests) == 3
