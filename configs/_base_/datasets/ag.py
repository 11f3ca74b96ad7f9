# Action Genome as RGB clips of annotated frames, for temporal estimation (step 2b); no
# graph is read. ag_graphs.py reads them.
_base_ = ['./loaders.py']

image_size = (1024, 1024)

train_dataloader = dict(
    batch_size=4,
    num_workers=8,
    dataset=dict(
        type='ActionGenomeDataset',
        data_root='data/action_genome/',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=image_size, keep_ratio=True),
            dict(type='RandomHorizontalFlip', prob=0.5),
            dict(type='RandomColourJitter'),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=8,
    dataset=dict(
        type='ActionGenomeDataset',
        data_root='data/action_genome/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='ResizeFrames', size=image_size, keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
test_dataloader = val_dataloader
