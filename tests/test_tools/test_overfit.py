"""The whole model gives back the graph of a scene that it was trained on."""

import json

import pytest

CONFIG = 'configs/4dllm/tabletop/step1_overfit.py'


@pytest.mark.slow
def test_one_scene_is_overfitted_to_full_recall(tiny_world, run_tool, tmp_path):
    options = ['--cfg-options']
    options += [
        f'{key}={tiny_world}'
        for key in (
            'train_dataloader.dataset.dataset.data_root',
            'val_dataloader.dataset.data_root',
        )
    ]
    result = run_tool(
        'tools/train.py', CONFIG, '--work-dir', tmp_path, *options, timeout=3000
    )
    assert result.returncode == 0, result.stderr[-3000:]
    (log,) = tmp_path.glob('*/vis_data/scalars.json')
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    (recall,) = [row['scene_graph/R@20'] for row in rows if 'scene_graph/R@20' in row]
    assert recall == 100
    losses = [row['loss'] for row in rows if 'loss' in row]
    assert losses[-1] < 0.1 * losses[0]
