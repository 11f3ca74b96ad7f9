import pytest
from mmengine.config import Config
from mmengine.dataset import pseudo_collate

from mmfourdpsg.models.data_preprocessors import SceneGraphDataPreprocessor
from mmfourdpsg.registry import DATASETS

FULL, MINI = '_base_/datasets/psg4d_gta.py', '4dllm/tabletop/step1.py'


@pytest.mark.parametrize('name', [FULL, MINI])
@pytest.mark.parametrize('stage', ['train', 'val', 'test'])
def test_configs_read_data_of_the_layout(gta, repository, name, stage):
    config = Config.fromfile(repository / 'configs' / name)
    loader = config[f'{stage}_dataloader']
    # Workers must restart, or they would not learn of the next epoch.
    assert loader.persistent_workers is False
    split = 'train' if stage == 'train' else 'val'
    dataset = DATASETS.build(dict(loader.dataset, data_root=str(gta.root), split=split))
    items = [dataset[index] for index in range(len(dataset))]
    batch = SceneGraphDataPreprocessor()(pseudo_collate(items))
    frames = min(config.num_frames, 9)
    assert batch['inputs']['rgb'].shape[1:] == (frames, 3, *config.image_size)
    assert (batch['inputs']['depth'] > 0).all()
    for sample in batch['data_samples']:
        assert ('frame_reader' in sample) == (stage != 'train')
        assert ('gt_masks' in sample) == (stage == 'train')
        assert sample.gt_scene_graph.relations


def test_the_mini_config_reads_with_the_full_recipes_data_set(repository):
    # Both describe objects for chained inference.
    names = (FULL, '_base_/datasets/tabletop_described.py')
    full, mini = (Config.fromfile(repository / 'configs' / name) for name in names)
    sets = [config.train_dataloader.dataset for config in (full, mini)]
    assert {row.type for row in sets} == {'PSG4DGTADataset'}
    assert full.test_dataloader.dataset.split == 'test'
    types = [[step.type for step in row.pipeline] for row in sets]
    assert types[0] == types[1]
    # The published data lacks files; the simulation's does not.
    assert sets[0].pipeline[2].missing == 'unknown'
    assert 'missing' not in sets[1].pipeline[2]
    assert mini.val_dataloader.dataset.data_root == 'data/tabletop/psg4d_gta/'
