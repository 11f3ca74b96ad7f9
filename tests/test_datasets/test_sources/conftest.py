"""What the tests of data sets share."""

import runpy
import sys

import pytest
from mmengine.config import Config

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import load_scene_graphs


@pytest.fixture
def exported(repository, tmp_path, monkeypatch):
    """Graphs that ``tools/export_scene_graphs.py`` writes, as they are read back."""

    def run(name, root, split='all'):
        out = tmp_path / 'exported.json'
        tool = repository / 'tools/export_scene_graphs.py'
        options = dict(dataset=name, data_root=root, split=split, out=out)
        pairs = [(f'--{key.replace("_", "-")}', str(v)) for key, v in options.items()]
        monkeypatch.setattr(sys, 'argv', [str(tool), *sum(pairs, ())])
        runpy.run_path(str(tool), run_name='__main__')
        return load_scene_graphs(out)

    return run


@pytest.fixture
def from_config(repository):
    """The training or validation data set of a config, of another data root."""

    def build(name, root, part='train', **options):
        config = Config.fromfile(repository / f'configs/_base_/datasets/{name}.py')
        row = config[f'{part}_dataloader'].dataset
        return DATASETS.build(dict(row, data_root=str(root), **options))

    return build
