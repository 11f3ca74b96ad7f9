import json

import pytest

TOOL = 'tools/analysis_tools/benchmark_inference.py'
CONFIG = 'configs/4dllm/tabletop/step1_chained.py'


def options(root):
    return [
        '--repeats', 1, '--samples', 2, '--cfg-options',
        f'test_dataloader.dataset.data_root={root}',
        'model.scene_graph_head.max_answer_tokens=12',
    ]  # fmt: skip


def test_the_cost_of_a_video_is_told_by_part_and_as_a_ratio(
    tiny_world, run_tool, tmp_path
):
    out = tmp_path / 'cost.json'
    result = run_tool(TOOL, CONFIG, '--videos', 1, '--out', out, *options(tiny_world))
    assert result.returncode == 0, result.stderr[-3000:]
    figures = json.loads(out.read_text())
    fresh, cached = figures['fresh'], figures['one cache']
    assert (figures['videos'], figures['samples']) == (1, 2)
    for row in (fresh, cached):
        parts = [row['seconds'][part] for part in ('encoders', 'text', 'tubes')]
        assert min(parts) > 0
        assert sum(parts) == pytest.approx(row['seconds']['total'])
        assert row['peak_memory_gb'] > 0
        assert row['positions'] == pytest.approx(row['width'] * row['steps'])
    # The same is said, in fewer steps and without reading the scene again.
    assert figures['equal_conversations'] == 1
    assert (fresh['free'], fresh['forced']) == (cached['free'], cached['forced'])
    assert cached['free'] <= 2 * 4 * 12
    assert cached['forced'] > 0
    # The reference follows all that is named.
    assert cached['objects'] == fresh['objects'] == fresh['followed']
    assert cached['followed'] <= fresh['followed']
    assert 'R@20' in fresh['quality'] and 'R@20' in cached['quality']
    assert 'objects found, %' in result.stdout
    assert result.stdout.count('1 of 1, ') == 2
    assert cached['steps'] < fresh['steps']
    assert cached['positions'] < fresh['positions']
    assert figures['weights_ms'] > 0
    ratio = fresh['seconds']['total'] / cached['seconds']['total']
    (total,) = [line for line in result.stdout.splitlines() if 'total' in line]
    assert total.split()[-1] == f'{ratio:.2f}'


def test_text_alone_leaves_tubes_out(tiny_world, run_tool, tmp_path):
    out = tmp_path / 'cost.json'
    result = run_tool(
        TOOL, CONFIG, '--videos', 9, '--text-only', '--out', out, *options(tiny_world)
    )
    assert result.returncode == 0, result.stderr[-3000:]
    figures = json.loads(out.read_text())
    assert figures['videos'] == 2
    assert figures['one cache']['seconds']['tubes'] == 0
    assert 'text, s a video' in result.stdout
    assert 'tubes' not in result.stdout


@pytest.mark.parametrize(
    'config', ['configs/4dllm/nothing.py', 'configs/foundation/tabletop/tiny_llama.py']
)
def test_what_cannot_be_measured_is_named(config, fails):
    fails(TOOL, config, says=[config])
