# Both parts of PSG4D as sequences of depth, for temporal estimation of depth (step 2c);
# no graph is read. Videos of GTA come ten times as often as there are, since there are
# 67 of them and 2,973 of HOI. Validation on GTA.
_base_ = ['./loaders.py']

image_size = (576, 1024)

train_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
    dict(type='LoadRGBFrames'),
    # The published data lacks some depth files.
    dict(type='LoadDepthFrames', missing='unknown'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=image_size),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='PackSceneGraphInputs'),
]

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            dict(
                type='SceneGraphRepeatDataset',
                times=10,
                dataset=dict(
                    type='PSG4DGTADataset',
                    data_root='data/psg4d_gta/',
                    split='train',
                    pipeline=train_pipeline,
                ),
            ),
            dict(
                type='PSG4DHOIDataset',
                data_root='data/psg4d_hoi/',
                split='train',
                pipeline=train_pipeline,
            ),
        ],
        ignore_keys=['thing_classes', 'stuff_classes', 'predicates'],
    ),
)
val_dataloader = dict(
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/psg4d_gta/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='ResizeFrames', size=image_size),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
test_dataloader = val_dataloader
