# GQA: images of Visual Genome with cleaned scene graphs and boxes.
_base_ = ['./loaders.py']

image_size = (1024, 1024)

train_dataloader = dict(
    dataset=dict(
        type='GQADataset',
        data_root='data/gqa/',
        filter_cfg=dict(min_relations=1),
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
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
        type='GQADataset',
        data_root='data/gqa/',
        split='val',
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='ResizeFrames', size=image_size, keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
test_dataloader = val_dataloader
