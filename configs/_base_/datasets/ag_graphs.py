# Action Genome as RGB clips with graphs of boxes.
_base_ = ['./loaders.py']

image_size = (1024, 1024)

train_dataloader = dict(
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
            dict(type='DescribeObjects'),
            dict(type='OrderObjects', by_category=True),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
val_dataloader = dict(
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
    )
)
test_dataloader = val_dataloader

# With constraint a pair has one predicate of each type, without it any number (Table
# 12).
test_evaluator = [
    dict(
        type='SGDetMetric',
        region='box',
        constraint='action-genome',
        topk=(20, 50),
        prefix='with_constraint',
    ),
    dict(
        type='SGDetMetric',
        region='box',
        constraint='none',
        topk=(20, 50),
        prefix='no_constraint',
    ),
]
