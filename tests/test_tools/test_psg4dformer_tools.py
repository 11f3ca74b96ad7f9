"""Both stages of PSG4DFormer by the standard tools, on one scene."""

import json

import pytest
import torch

from mmfourdpsg.registry import has_compiled_operators

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not has_compiled_operators(), reason="needs mmcv's compiled operators"
    ),
]
SEGMENTATION = 'configs/psg4dformer/tabletop/segmentation.py'
RELATION = 'configs/psg4dformer/tabletop/relation.py'


def options(root, inner, **settings):
    """Overrides that train and test on the first training video."""
    train = f'train_dataloader.dataset.{inner}'
    settings = {
        f'{train}data_root': root,
        f'{train}indices': 1,
        'val_dataloader.dataset.data_root': root,
        'val_dataloader.dataset.split': 'train',
        'val_dataloader.dataset.indices': 1,
        'test_dataloader.dataset.data_root': root,
        'test_dataloader.dataset.split': 'train',
        'test_dataloader.dataset.indices': 1,
        **settings,
    }
    return ['--cfg-options', *(f'{key}={value}' for key, value in settings.items())]


@pytest.fixture(scope='module')
def segmented(tiny_world, run_tool, tmp_path_factory):
    """Folder and checkpoint of a segmentation that knows one scene by heart."""
    folder = tmp_path_factory.mktemp('segmentation')
    plain = 'train_dataloader.dataset.dataset.pipeline'
    result = run_tool(
        'tools/train.py', SEGMENTATION, '--work-dir', folder,
        *options(
            tiny_world, 'dataset.',
            **{
                'train_dataloader.dataset.times': 300,
                'train_dataloader.batch_size': 1,
                f'{plain}.0.num_frames': 4,
                f'{plain}.4.prob': 0.0,
                f'{plain}.6.prob': 0.0,
                'train_cfg.max_epochs': 2,
                'train_cfg.val_interval': 2,
            },
        ),
        timeout=3000,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    return folder


def logged(folder):
    """Rows of the log of a training."""
    (log,) = folder.glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_one_scene_is_overfitted_to_full_recall(
    segmented, tiny_world, run_tool, tmp_path
):
    (quality,) = [row['masks/VPQ'] for row in logged(segmented) if 'masks/VPQ' in row]
    assert quality > 80
    result = run_tool(
        'tools/train.py', RELATION, '--work-dir', tmp_path,
        *options(
            tiny_world, '',
            **{
                'load_from': segmented / 'epoch_2.pth',
                'model.training_tubes.folder': tmp_path / 'tubes',
                'optim_wrapper.optimizer.lr': 2e-3,
                'train_cfg.max_epochs': 300,
                'train_cfg.val_interval': 300,
                'default_hooks.checkpoint.interval': 300,
            },
        ),
        timeout=3000,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    rows = logged(tmp_path)
    (recall,) = [row['scene_graph/R@20'] for row in rows if 'scene_graph/R@20' in row]
    assert recall == 100
    assert len(list((tmp_path / 'tubes').rglob('*.tubes'))) == 1
    # Stage 2 leaves stage 1 as it was.
    before, after = (
        torch.load(path, weights_only=False)['state_dict']
        for path in (segmented / 'epoch_2.pth', tmp_path / 'epoch_300.pth')
    )
    kept = [key for key in before if key.startswith('segmentor.')]
    assert kept and all(torch.equal(before[key], after[key]) for key in kept)


def test_a_resumed_training_of_relations_has_the_same_weights(
    segmented, tiny_world, run_tool, tmp_path
):
    def train(folder, epochs, *flags):
        settings = {
            'load_from': segmented / 'epoch_2.pth',
            'model.training_tubes.folder': tmp_path / 'tubes',
            'train_cfg.max_epochs': epochs,
            'train_cfg.val_interval': 99,
            'default_hooks.checkpoint.interval': 1,
            'param_scheduler': None,
        }
        result = run_tool(
            'tools/train.py', RELATION, '--work-dir', tmp_path / folder, *flags,
            *options(tiny_world, '', **settings),
        )  # fmt: skip
        assert result.returncode == 0, result.stderr[-3000:]
        path = tmp_path / folder / f'epoch_{epochs}.pth'
        return torch.load(path, weights_only=False)['state_dict']

    whole = train('whole', 4)
    train('parts', 2)
    resumed = train('parts', 4, '--resume')
    assert all(torch.equal(value, resumed[key]) for key, value in whole.items())
