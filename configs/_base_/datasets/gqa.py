# GQA: images of Visual Genome with cleaned scene graphs and boxes.
_base_ = ['./vg.py']

data_root = 'data/gqa/'

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='GQADataset',
        data_root=data_root,
        split='train',
        pipeline=_base_.train_pipeline,
        filter_cfg=dict(min_relations=1),
    )
)
val_dataloader = dict(dataset=dict(type='GQADataset', data_root=data_root, split='val'))
test_dataloader = val_dataloader
