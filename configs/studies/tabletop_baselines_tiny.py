# Every row of tabletop_baselines.py but that with transfer in a few steps on a few
# videos, in minutes: whether all runs to its end, not how well.
#
#   bash tools/benchmark_all.sh configs/studies/tabletop_baselines_tiny.py
_base_ = ['./tabletop_baselines.py']

ground_truth = 'outputs/benchmark_tiny/val.json'
unseen = 'outputs/benchmark_tiny/unseen.json'
train = 'outputs/benchmark_tiny/train.json'
baseline = 'outputs/benchmark_tiny/frequency.json'
label_groups = dict(head=2, body=1, tail=0)

root = 'data/tabletop_tiny/psg4d_gta/'
test_options = [*_base_.test_options, f'test_dataloader.dataset.data_root={root}']
# Their data sets are read several times an epoch.
repeated = (
    'segmentation',
    'segmentation_foundation',
    'segmentation_pretrained',
    'segmentation_wo_d',
    'one_stage',
    'one_stage_warm',
)


def tiny(name):
    """Return the options that make a run short."""
    inner = 'dataset.dataset' if name in repeated else 'dataset'
    times = ['train_dataloader.dataset.times=1'] if name in repeated else []
    return [
        f'train_dataloader.{inner}.data_root={root}',
        f'val_dataloader.dataset.data_root={root}',
        'train_dataloader.batch_size=2',
        'train_cfg.max_epochs=1',
        'default_hooks.logger.interval=1',
        *times,
    ]


runs = {
    name: dict(run, options=[*run['options'], *tiny(name)])
    for name, run in _base_.runs.items()
    # Those read other worlds.
    if name not in _base_.transfer_runs
}
# A row that is only scored is of other videos.
rows = [row for row in _base_.rows if row.get('run') in runs]
groups = dict(methods=tuple(range(len(rows))))
runs['_delete_'] = True
runs['chained']['options'].append('model.scene_graph_head.decoder.search.width=4')
