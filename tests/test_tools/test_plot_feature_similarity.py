import json

import pytest
import torch
from in_process import in_process_runner
from matplotlib.image import imread

from mmfourdpsg.evaluation.functional import SimilarityDistribution

TOOL = 'tools/analysis_tools/plot_feature_similarity.py'


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


def test_runs_are_plotted_beside_each_other(tmp_path, run_tool, fails):
    torch.manual_seed(0)
    arguments = []
    for name, mean in (('without', 0.2), ('with', 0.7)):
        cosines = mean + 0.1 * torch.randn(500)
        kinds = {
            k: SimilarityDistribution.of(cosines).to_dict() for k in ('depth', 'rgb')
        }
        path = tmp_path / f'{name}.json'
        path.write_text(json.dumps(kinds))
        arguments.append(f'{name} step 2={path}')
    out = tmp_path / 'similarity.png'
    result = run_tool(TOOL, *arguments, '--out', out)
    assert result.returncode == 0, result.stderr
    height, width, _ = imread(out).shape
    assert width > 2 * height
    out.unlink()
    (tmp_path / 'bad.json').write_text('{"depth": {"counts": "x"}}')
    for given, says in (
        ('nothing.json', 'NAME=FILE'),
        (f'a={tmp_path / "none.json"}', 'none.json'),
        (f'a={tmp_path / "bad.json"}', 'bad.json: no distribution'),
    ):
        fails(TOOL, given, '--out', out, says=[says])
        assert not out.exists()
