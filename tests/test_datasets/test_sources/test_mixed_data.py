from types import SimpleNamespace

import pytest
from mmengine.config import Config
from PIL import Image
from test_psg_dataset import psg  # noqa: F401
from test_visual_genome_dataset import vg  # noqa: F401

from mmfourdpsg.engine.hooks import DatasetEpochHook
from mmfourdpsg.registry import DATASETS


@pytest.mark.filterwarnings('ignore')
def test_sources_are_mixed_by_ratios(psg, vg, repository):  # noqa: F811
    config = Config.fromfile(repository / 'configs/_base_/datasets/vg_psg.py')
    mixed = config.train_dataloader.dataset
    root = str(vg[1]())
    assert psg[1]() == vg[1]()
    for folder, name in (('VG_100K_2', 1), ('VG_100K', 5)):
        (psg[1]() / folder).mkdir(exist_ok=True)
        Image.new('RGB', (80, 60)).save(psg[1]() / folder / f'{name}.jpg')
    for repeated, times in zip(mixed.datasets, (1, 3), strict=True):
        repeated.times = times
        repeated.dataset.data_root = root
    mixed.datasets[0].dataset.corrupt_images = (1592, 5)
    with DATASETS.switch_scope_and_registry('mmdet'):
        dataset = DATASETS.build(mixed)
    # One image of Visual Genome, two of PSG three times.
    assert len(dataset) == 1 + 2 * 3
    loader = SimpleNamespace(num_workers=0, dataset=dataset)
    DatasetEpochHook().before_train_epoch(
        SimpleNamespace(train_dataloader=loader, epoch=4, seed=11)
    )
    names = [dataset[i]['data_samples'].video_id for i in range(len(dataset))]
    assert names == ['1', '7', '8', '7', '8', '7', '8']
    inner = [repeated.dataset for repeated in dataset.datasets]
    # The last item is of the third of three rounds, each an epoch of its own.
    assert [(row.epoch, row.seed) for row in inner] == [(4, 11), (4 * 3 + 2, 11)]
    # What has no masks has boxes; both go through one pipeline's collation.
    assert 'gt_masks' not in dataset[0]['data_samples']
    assert 'gt_masks' in dataset[1]['data_samples']


@pytest.mark.filterwarnings('ignore')
def test_held_out_labels_split_relations(psg):  # noqa: F811
    from mmfourdpsg.datasets import PSGDataset

    root = str(psg[1]())
    held_out = dict(unseen_categories=['wall-brick'], unseen_predicates=['beside'])

    def triplets(keep):
        dataset = PSGDataset(data_root=root, filter_cfg=dict(held_out, keep=keep))
        return [
            [(r.subject, r.predicate, r.object) for r in row['scene_graph'].relations]
            for row in dataset
        ]

    everything = [
        (r.subject, r.predicate, r.object)
        for r in PSGDataset(data_root=root)[0]['scene_graph'].relations
    ]
    seen, unseen = triplets('seen')[0], triplets('unseen')[0]
    assert sorted(seen + unseen) == sorted(everything)
    assert {predicate for _, predicate, _ in seen} == {'on'}
    # Their pixels are no object, and no error.
    load = [
        dict(type='SampleFrames', num_frames=1),
        dict(type='LoadRGBFrames'),
        dict(type='LoadPanopticMasks'),
    ]
    item = PSGDataset(data_root=root, pipeline=load, filter_cfg=held_out)[0]
    wall = psg[2].max()
    assert [o.category for o in item['scene_graph'].objects] == ['cat', 'mat']
    assert (item['panoptic_ids'][0] == 0).sum() == (
        (psg[2] == wall) | (psg[2] == 0)
    ).sum()
