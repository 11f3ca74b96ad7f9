# The 2D scenes of step 4: Visual Genome and PSG (paper, Table 1 and D), each once;
# validation on PSG.
_base_ = ['./vg.py']

psg = dict(
    type='PSGDataset',
    data_root='data/',
    split='train',
    pipeline=[
        dict(type='SampleFrames', num_frames=1),
        dict(type='LoadRGBFrames'),
        dict(type='LoadPanopticMasks', frames='sampled'),
        *_base_.train_pipeline[2:],
    ],
    filter_cfg=dict(min_relations=1),
)
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            dict(
                type='SceneGraphRepeatDataset',
                times=1,
                dataset=_base_.train_dataloader.dataset,
            ),
            dict(type='SceneGraphRepeatDataset', times=1, dataset=psg),
        ],
        ignore_keys=['thing_classes', 'stuff_classes', 'predicates'],
    )
)
val_dataloader = dict(
    dataset=dict(
        type='PSGDataset',
        data_root='data/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadPanopticMasks', frames='all'),
            *_base_.test_pipeline[2:],
        ],
    )
)
test_dataloader = val_dataloader
