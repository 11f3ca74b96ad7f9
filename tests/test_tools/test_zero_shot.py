"""Zero-shot tests on GQA200 and Action Genome, on small data in their own formats."""

import json
import pickle

import numpy as np
import pytest
import torch
from in_process import in_process_runner
from mmengine.config import Config
from PIL import Image

from mmfourdpsg.registry import MODELS
from mmfourdpsg.structures import load_scene_graphs

WORDS = dict(
    ind_to_classes=['__background__', 'man', 'horse', 'tree'],
    ind_to_predicates=['__background__', 'riding', 'near'],
)


@pytest.fixture
def run_tool(repository, monkeypatch, capsys):
    return in_process_runner(repository, monkeypatch, capsys)


@pytest.fixture
def gqa(tmp_path):
    """Two images of GQA200, one wide and one tall."""
    root = tmp_path / 'gqa'
    (root / 'images').mkdir(parents=True)
    sizes = dict(a=(64, 36), b=(30, 60))
    for name, size in sizes.items():
        Image.new('RGB', size, 'green').save(root / f'images/{name}.jpg')
    rows = dict(
        filenames_all=[f'{name}.jpg' for name in sizes],
        img_info_all=[dict(width=w, height=h) for w, h in sizes.values()],
        gt_boxes_all=[[[1, 2, 30, 30], [5, 5, 60, 35]], [[0, 0, 9, 9], [3, 3, 20, 50]]],
        gt_classes_all=[[1, 2], [3, 1]],
        relationships_all=[[[0, 1, 1]], [[1, 0, 2], [0, 1, 2]]],
    )
    (root / 'GQA_200_Test.json').write_text(json.dumps(rows))
    (root / 'GQA_200_ID_Info.json').write_text(json.dumps(WORDS))
    return root


@pytest.fixture
def ag(tmp_path):
    """A video of three frames of Action Genome."""
    root = tmp_path / 'ag'
    (root / 'annotations').mkdir(parents=True)
    (root / 'frames/V.mp4').mkdir(parents=True)
    objects, people = {}, {}
    for number in (3, 7, 9):
        key = f'V.mp4/{number:06d}.png'
        Image.new('RGB', (48, 27), 'blue').save(root / 'frames' / key)
        objects[key] = [
            {
                'class': 'sofa/couch',
                'bbox': (2, 3, 20, 10),
                'attention_relationship': ['unsure'],
                'spatial_relationship': ['beneath', 'behind'],
                'contacting_relationship': ['sitting_on'],
                'metadata': dict(tag=key, set='test'),
                'visible': True,
            }
        ]
        people[key] = dict(
            bbox=np.array([[4, 1, 20, 25]], np.float32), bbox_size=(48, 27)
        )
    for name, content in (
        ('object_bbox_and_relationship', objects),
        ('person_bbox', people),
    ):
        (root / f'annotations/{name}.pkl').write_bytes(pickle.dumps(content))
    return root


@pytest.fixture
def shrunken(repository, tmp_path):
    """Return a function (name, data root) -> config with mini parts, checkpoint."""

    def make(name, data_root):
        config = Config.fromfile(repository / f'configs/4dllm/zero_shot/{name}.py')
        mini = Config.fromfile(repository / 'configs/4dllm/tabletop/step4.py').model
        given = config.model.test_given
        config.model.update(
            scene_encoder=dict(mini.scene_encoder, keep_ratio=True),
            scene_graph_head=dict(
                mini.scene_graph_head, max_answer_tokens=48, num_samples=2
            ),
            tube_decoder=mini.tube_decoder,
            scene_transcender=dict(mini.scene_transcender, num_frames=3),
        )
        assert (config.model.type, config.model.test_given) == ('FourDLLM', given)
        config.test_dataloader.num_workers = 0
        config.test_dataloader.dataset.data_root = str(data_root)
        path, checkpoint = tmp_path / f'{name}.py', tmp_path / f'{name}.pth'
        config.dump(path)
        torch.manual_seed(0)
        torch.save(dict(state_dict=MODELS.build(config.model).state_dict()), checkpoint)
        return path, checkpoint

    return make


@pytest.mark.parametrize('given', ['as configured', '4d'])
def test_gqa_is_scored_zero_shot(gqa, shrunken, run_tool, tmp_path, given):
    config, checkpoint = shrunken('gqa', gqa)
    options = []
    if given == '4d':
        state = torch.load(checkpoint)
        # As a checkpoint of step 1 or 5.
        state['state_dict'] = {
            key: value
            for key, value in state['state_dict'].items()
            if not key.startswith('scene_transcender.')
        }
        torch.save(state, checkpoint)
        options = [
            '--cfg-options', 'model.scene_transcender=None', 'model.test_given=4d'
        ]  # fmt: skip
    out = tmp_path / 'predictions.json'
    result = run_tool(
        'tools/test.py', config, checkpoint, '--work-dir', tmp_path / 'work',
        '--out', out, *options,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    graphs = load_scene_graphs(out)
    assert [(g.video_id, g.height, g.width) for g in graphs] == [
        ('a', 36, 64), ('b', 60, 30)
    ]  # fmt: skip
    metrics = _metrics(tmp_path / 'work')
    assert set(metrics) == {
        f'sgdet/{kind}@{k}' for kind in ('R', 'mR') for k in (50, 100)
    }


def test_action_genome_is_scored_zero_shot_both_ways(ag, shrunken, run_tool, tmp_path):
    config, checkpoint = shrunken('ag', ag)
    out = tmp_path / 'predictions.json'
    result = run_tool(
        'tools/test.py', config, checkpoint, '--work-dir', tmp_path / 'work',
        '--out', out,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    (graph,) = load_scene_graphs(out)
    assert (graph.video_id, graph.num_frames) == ('V.mp4', 3)
    assert set(_metrics(tmp_path / 'work')) == {
        f'{way}_constraint/{kind}@{k}'
        for way in ('with', 'no')
        for kind in ('R', 'mR')
        for k in (20, 50)
    }


def _metrics(work):
    (path,) = work.glob('*/*.json')
    return {
        key: value for key, value in json.loads(path.read_text()).items() if '@' in key
    }


def test_the_zero_shot_configs_are_those_of_tables_10_and_12(repository):
    root = repository / 'configs/4dllm/zero_shot'
    gqa, ag = (Config.fromfile(root / f'{name}.py') for name in ('gqa', 'ag'))
    full = Config.fromfile(repository / 'configs/4dllm/step4_vg_psg.py').model
    for config, given in ((gqa, 'image'), (ag, 'video')):
        # Checkpoints of step 4 fit.
        for part in ('scene_encoder', 'scene_graph_head', 'tube_decoder'):
            assert config.model[part] == full[part]
        assert config.model.scene_transcender == full.scene_transcender
        assert config.model.test_given == given
        assert config.train_dataloader is None
        assert config.test_dataloader.dataset.split == 'test'
    assert gqa.test_dataloader.dataset.type == 'GQA200Dataset'
    assert tuple(gqa.test_evaluator.topk) == (50, 100)
    assert gqa.test_evaluator.constraint == 'pair'
    assert gqa.test_evaluator.region == 'box'
    assert [tuple(row.topk) for row in ag.test_evaluator] == [(20, 50)] * 2
