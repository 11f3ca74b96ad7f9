"""A config means the same files in whatever folder a command is run."""

import runpy
from argparse import Namespace

import pytest
from mmengine.config import Config

from mmfourdpsg.analysis.studies.recipe_digest import recipe_digest
from mmfourdpsg.apis import SceneGraphInferencer
from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.config_paths import CHECKOUT, name_in_checkout
from mmfourdpsg.utils.weight_files import check_weight_files, weight_files

CONFIG = 'configs/4dllm/tabletop/step1.py'
TEXT = """
data_root = 'data/own/'
work_dir = 'work_dirs/own'
load_from = 'work_dirs/own/epoch_1.pth'
train_dataloader = dict(
    dataset=dict(data_root=data_root, ann_file='below/a.json', pipeline=[]))
model = dict(
    cache=dict(folder='work_dirs/own'),
    parts=[('weights/a.pth', 3), dict(checkpoint='weights/b.pth')],
    prompt='Write / the scene graph.\\n' * 400,
)
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout with a config, data and weights, beside an empty folder."""
    root = tmp_path / 'checkout'
    files = ['data/own/below/a.json', 'weights/a.pth', 'weights/b.pth', 'below/a.json']
    for name in [*files, 'work_dirs/own/epoch_1.pth', 'configs/mine/own.py']:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(TEXT)
    (tmp_path / 'elsewhere').mkdir()
    return root


def test_what_a_config_names_is_found_beside_its_checkout(checkout, monkeypatch):
    monkeypatch.chdir(checkout.parent / 'elsewhere')
    config = read_config('../checkout/configs/mine/own.py')
    dataset = config.train_dataloader.dataset
    assert dataset.data_root == f'{checkout}/data/own/'
    assert config.load_from == f'{checkout}/work_dirs/own/epoch_1.pth'
    (first, number), second = config.model.parts
    assert (first, number) == (f'{checkout}/weights/a.pth', 3)
    assert second.checkpoint == f'{checkout}/weights/b.pth'
    # A data set looks these up itself, and what is written is of this folder.
    assert dataset.ann_file == 'below/a.json'
    assert config.work_dir == config.model.cache.folder == 'work_dirs/own'
    assert config.model.prompt.startswith('Write / the')


def test_the_current_folder_comes_first(checkout, monkeypatch):
    here = checkout.parent / 'elsewhere'
    (here / 'weights').mkdir()
    (here / 'weights/a.pth').touch()
    monkeypatch.chdir(here)
    options = {'load_from': 'weights/a.pth', 'model.other': 'weights/b.pth'}
    config = read_config(checkout / 'configs/mine/own.py', options)
    assert config.load_from == config.model.parts[0][0] == 'weights/a.pth'
    assert config.model.other == f'{checkout}/weights/b.pth'


def test_a_folder_that_only_has_the_name_of_the_data_is_passed_over(
    checkout, monkeypatch
):
    dataset = "dict(type='SceneGraphFileDataset', data_root='data/own', pipeline=[])"
    path = checkout / 'configs/mine/own.py'
    path.write_text(f'val_dataloader = dict(dataset=dict(dataset={dataset}))\n')
    (checkout / 'data/own/scene_graphs.json').touch()
    here = checkout.parent / 'elsewhere'
    (here / 'data/own').mkdir(parents=True)
    monkeypatch.chdir(here)
    found = read_config(path).val_dataloader.dataset.dataset
    assert found.data_root == f'{checkout}/data/own'
    (here / 'data/own/scene_graphs.json').touch()
    found = read_config(path).val_dataloader.dataset.dataset
    assert found.data_root == 'data/own'


def test_a_link_to_the_configs_has_two_checkouts(checkout, monkeypatch):
    here = checkout.parent / 'elsewhere'
    (here / 'configs').symlink_to(checkout / 'configs')
    (here / 'weights').mkdir()
    (here / 'weights/a.pth').touch()
    monkeypatch.chdir('/')
    config = read_config(here / 'configs/mine/own.py')
    assert config.model.parts[0][0] == f'{here}/weights/a.pth'
    assert config.model.parts[1].checkpoint == f'{checkout}/weights/b.pth'


def test_a_config_that_inherits_finds_the_weights_of_this_checkout(
    repository, tmp_path, monkeypatch
):
    path = tmp_path / 'mine.py'
    path.write_text(f"_base_ = ['{repository / CONFIG}']\n")
    monkeypatch.chdir(tmp_path)
    decoder = read_config(path).model.tube_decoder
    assert decoder.checkpoint == str(CHECKOUT / 'checkpoints/tabletop/sam2_mini.safet'
                                     'ensors')  # fmt: skip


def test_a_recipe_is_the_same_in_any_folder(repository, tmp_path, monkeypatch):
    monkeypatch.chdir(repository)
    here = recipe_digest(dict(config=CONFIG), {})
    names = weight_files(read_config(CONFIG).model)
    monkeypatch.chdir(tmp_path)
    assert recipe_digest(dict(config=CONFIG), {}) == here
    assert weight_files(read_config(repository / CONFIG).model) == names
    assert name_in_checkout(repository / CONFIG) == CONFIG
    # What a checkpoint was trained beside is compared here, too.
    check_weight_files(names, 'epoch_1.pth')
    with pytest.raises(InputError, match=r'other weights than .*imagebind_mini'):
        check_weight_files(dict.fromkeys(names, 'other'), 'epoch_1.pth')


def test_the_python_api_works_from_any_folder(repository, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = Config.fromfile(repository / CONFIG)
    given.work_dir = str(tmp_path)
    published = given.published_checkpoint
    inferencer = SceneGraphInferencer(given, device='cpu')
    assert inferencer.checkpoint == CHECKOUT / published
    assert given.published_checkpoint == published


@pytest.mark.parametrize('resume', ['auto', None])
def test_a_moved_run_is_resumed(repository, tmp_path, resume):
    run = tmp_path / 'run'
    run.mkdir()
    (run / 'epoch_2.pth').touch()
    (run / 'last_checkpoint').write_text(str(run / 'epoch_2.pth'))
    moved = run.rename(tmp_path / 'moved')
    apply_args = runpy.run_path(str(repository / 'tools/train.py'))['apply_args']
    # By the command line, or by the config.
    config = Config(dict(work_dir=str(moved), resume=resume is None))
    apply_args(config, Namespace(amp=False, auto_scale_lr=False, resume=resume))
    assert config.resume and config.load_from == str(moved / 'epoch_2.pth')
