import numpy as np
import pytest
from mmengine.config import Config
from PIL import Image

from mmfourdpsg.datasets import DIMLDataset
from mmfourdpsg.utils import InputError

FILES = {
    'indoor/train/HR/01. Kitchen/color/in_00_1_c.png': 'indoor/train/HR/01. Kitchen/'
    'depth_filled/in_00_1_depth_filled.png',
    'indoor/test/LR/02. Hall/color/in_00_2_c.png': 'indoor/test/LR/02. Hall/'
    'depth_filled/in_00_2_depth_filled.png',
    'outdoor/train/LR/outleft/7.png': 'outdoor/train/LR/depthmap/7.png',
    'full/train/9/col/in_k_1_c.png': 'full/train/9/up_png/in_k_1_ud.png',
}


@pytest.fixture
def diml(tmp_path):
    for seed, (image, depth) in enumerate(FILES.items()):
        for name in (image, depth):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 6, 3), seed, np.uint8)).save(tmp_path / image)
        metres = np.full((4, 6), 40_000 + seed, np.uint16)
        metres[0] = 0
        Image.fromarray(metres).save(tmp_path / depth)
    coloured = tmp_path / 'indoor/train/HR/01. Kitchen/depth_vi'
    coloured.mkdir()
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(coloured / 'in_00_1_c.png')
    return tmp_path


LOAD = [
    dict(type='SampleFrames', num_frames=1),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='PackSceneGraphInputs'),
]


def test_rgb_and_depth_pair_in_every_published_layout(diml):
    dataset = DIMLDataset(data_root=str(diml), split='all', pipeline=LOAD)
    names = [
        sorted(FILES).index(f'{row["data_samples"].video_id}.png') for row in dataset
    ]
    assert names == [0, 1, 2, 3]
    for index, row in enumerate(dataset):
        seed = list(FILES).index(sorted(FILES)[index])
        assert row['inputs']['rgb'].unique().tolist() == [seed]
        # Beyond 32.767 m, where a signed cast turns negative.
        assert row['inputs']['depth'][0, 1:].unique().tolist() == [
            pytest.approx(40 + seed / 1000)
        ]
        assert (row['inputs']['depth'][0, 0] == 0).all()
        assert 'gt_scene_graph' not in row['data_samples']


def test_splits_resolutions_and_rules_choose_the_pairs(diml):
    def count(**options):
        return len(DIMLDataset(data_root=str(diml), **options))

    assert (count(split='train'), count(split='test')) == (3, 1)
    assert (count(resolution='HR'), count(resolution='LR')) == (1, 1)
    assert count(pairs=[(r'(.*)outleft/(.*)', r'\1depthmap/\2')], split='all') == 1
    with pytest.raises(InputError, match="no pair of RGB and depth of split 'val'"):
        count(split='val')


def test_an_image_without_depth_is_named(diml):
    (diml / 'outdoor/train/LR/depthmap/7.png').unlink()
    with pytest.raises(
        InputError, match=r'outleft/7\.png: has no depth, expected it in'
    ):
        DIMLDataset(data_root=str(diml))


def test_pairs_are_sampled_by_a_seed(diml):
    def sampled(**options):
        dataset = DIMLDataset(data_root=str(diml), split='all', **options)
        return [row['video_id'] for row in dataset]

    everything = [name.removesuffix('.png') for name in sorted(FILES)]
    samples = [sampled(num_pairs=2, draw_seed=seed) for seed in range(20)]
    assert all(len(set(draw)) == 2 and draw == sorted(draw) for draw in samples)
    # Each pair comes now and then, and another seed samples others.
    assert set().union(*samples) == set(everything)
    assert len({tuple(draw) for draw in samples}) > 3
    assert sampled(num_pairs=2) == sampled(num_pairs=2, draw_seed=0) == samples[0]
    # The same wherever the data set lies.
    moved = diml.rename(diml.with_name('elsewhere'))
    assert (
        DIMLDataset(data_root=str(moved), split='all', num_pairs=2)[0]['video_id']
        == samples[0][0]
    )
    moved.rename(diml)
    assert sampled(num_pairs=4) == sampled() == everything
    with pytest.warns(UserWarning, match='has 4 pairs, all taken, of 5 to sample'):
        assert sampled(num_pairs=5) == everything
    with pytest.raises(InputError, match='num_pairs is 0, expected 1 or more'):
        sampled(num_pairs=0)


def test_the_recipe_samples_as_many_pairs_as_the_paper(diml, repository):
    folder = repository / 'configs/4dllm'
    config = Config.fromfile(folder / 'step2a_diml.py')
    dataset = config.train_dataloader.dataset
    assert (dataset.num_pairs, dataset.draw_seed) == (200_000, 0)
    assert config.val_dataloader.dataset.get('num_pairs') is None
    mini = Config.fromfile(folder / 'tabletop/step2a.py')
    assert mini.train_dataloader.dataset.num_pairs is None


def test_config_gives_pairs(diml, from_config):
    item = from_config('diml', diml, num_pairs=None)[0]
    assert item['inputs']['rgb'].shape == (1, 3, 576, 1024)
    assert (item['inputs']['depth'] > 0).any()
