import argparse
import itertools
import json
import runpy

import pytest
import torch

TOOL = 'tools/analysis_tools/benchmark_training.py'


def options(root):
    return [
        '--warm-up', 1, '--iterations', 1, '--batch-sizes', 1, '--cfg-options',
        f'train_dataloader.dataset.data_root={root}', 'train_dataloader.num_workers=0',
        'train_dataloader.persistent_workers=False',
        'model.tube_decoder.max_train_frames=2',
        'model.scene_graph_head.max_answer_tokens=64',
    ]  # fmt: skip


def test_the_cost_of_a_step_is_told_by_part(tiny_world, run_tool, tmp_path):
    out = tmp_path / 'cost.json'
    result = run_tool(
        TOOL, 'configs/4dllm/tabletop/step1_cached.py', '--frames', 2, 4,
        '--peak-tflops', 0.1, '--out', out, *options(tiny_world),
        f'model.scene_encoder.feature_cache.folder={tmp_path}/features',
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    figures = json.loads(out.read_text())
    assert figures['trained_parameters'] < figures['parameters']
    few, many = figures['rows']
    assert (few['frames_a_sample'], many['frames_a_sample']) == (2, 4)
    assert few['model_tflop_a_step'] < many['model_tflop_a_step']
    for row in (few, many):
        shares = row['share_of_step']
        assert sum(map(sum, shares.values())) == pytest.approx(1)
        # Frozen encoders run without graph; what trains has a backward pass.
        assert shares['frame_encoder'][1] == 0
        assert min(shares['scene_graph_head']) > 0
        assert min(shares['tube_decoder']) > 0
        rate = row['model_tflop_a_step'] / row['step_seconds']
        assert row['model_flops_utilisation'] == pytest.approx(rate / 0.1)
    # A step to warm up, one timed, one profiled, one whose operations are counted;
    # colour and depth of two frames in each.
    found = few['feature_cache']
    assert found['hits'] + found['misses'] == 4 * 2 * 2
    assert result.stdout.count('share of the step') == 2
    assert 'Initialized by' not in result.stdout


def test_pretraining_of_estimators_is_measured_too(tiny_world, run_tool, tmp_path):
    out = tmp_path / 'cost.json'
    result = run_tool(
        TOOL, 'configs/4dllm/tabletop/step2c.py', '--out', out,
        *options(tiny_world)[:-2], 'model.scene_transcender.checkpoints=None',
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    (row,) = json.loads(out.read_text())['rows']
    assert set(row['share_of_step']) == {
        'frame_encoder', 'scene_transcender', 'optimizer', 'rest'
    }  # fmt: skip
    assert min(row['share_of_step']['scene_transcender']) > 0


def test_two_trainings_are_measured_in_turns(repository, capsys):
    tool = runpy.run_path(str(repository / TOOL))
    steps = []

    def training(name):
        return tool['Training'](name, None, None, lambda batch: steps.append(batch))

    def batches(name, batch_size, frames):
        return ((name, batch_size, frames, number) for number in itertools.count())

    measure = tool['measure_against']
    measure.__globals__.update(
        training_batches=batches, build_training=lambda path, _args: training(path)
    )
    args = argparse.Namespace(config='a.py', against='b.py', warm_up=1, iterations=2)
    figures = measure(training('a.py'), args, 4, None)
    assert sorted(steps) == [
        (name, 4, None, k) for name in ('a.py', 'b.py') for k in range(3)
    ]
    ratio = figures['against_step_seconds'] / figures['step_seconds']
    assert figures['ratio'] == pytest.approx(ratio)
    told = capsys.readouterr().out
    assert 'a step of a.py takes' in told
    assert f'{ratio:.2f} times as fast' in told


def test_what_cannot_be_measured_is_named(fails):
    config = 'configs/4dllm/tabletop/nothing.py'
    fails(TOOL, config, says=[config])


FITTING = {1: 'a step', 2: 'a profiled step', 3: 'a step whose operations are counted'}


@pytest.mark.parametrize('fitting', FITTING)
def test_what_was_measured_before_memory_ended_is_kept(fitting, repository, capsys):
    tool = runpy.run_path(str(repository / TOOL))
    args = argparse.Namespace(warm_up=1, iterations=1, profiled=1, device='cpu')
    batches = itertools.repeat(dict(inputs=dict(rgb=[torch.zeros(3, 1)])))
    figures = dict(batch_size=1, frames=3)
    steps = itertools.count(1)

    def step(batch):
        if next(steps) > fitting:
            raise torch.OutOfMemoryError
        torch.ones(2, 2) @ torch.ones(2, 2)

    model = torch.nn.Linear(1, 1)
    assert not tool['add_costs'](figures, args, model, step, batches, 1.0)
    told = capsys.readouterr().out
    assert f'batch 1, 3 frames: {FITTING[fitting]} does not fit into memory' in told
    assert ('step_seconds' in figures) == (fitting > 1)
    assert ('samples/s' in told) == (fitting > 1)
    assert ('share_of_step' in figures) == (fitting > 2)
    assert ('share of the step' in told) == (fitting > 2)
