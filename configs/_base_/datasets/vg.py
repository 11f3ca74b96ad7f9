# Visual Genome: 108,077 images with boxes and without masks or published splits.
_base_ = ['./loaders.py']

image_size = (1024, 1024)

train_dataloader = dict(
    dataset=dict(
        type='VisualGenomeDataset',
        data_root='data/vg/',
        # The size of the paper's vocabulary; which names it has is not published.
        num_categories=5996,
        num_predicates=1014,
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
        type='VisualGenomeDataset',
        data_root='data/vg/',
        split='train',
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='ResizeFrames', size=image_size, keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
test_dataloader = val_dataloader
