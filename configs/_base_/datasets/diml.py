# DIML: pairs of RGB and depth without scene graphs, for depth estimation (step 2a).
_base_ = ['./loaders.py']

image_size = (576, 1024)

train_dataloader = dict(
    batch_size=16,
    num_workers=8,
    dataset=dict(
        type='DIMLDataset',
        data_root='data/diml/',
        # As many as the paper samples at random; which ones it does not tell.
        num_pairs=200_000,
        draw_seed=0,
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=image_size),
            dict(type='RandomHorizontalFlip', prob=0.5),
            dict(type='RandomColourJitter'),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=8,
    dataset=dict(
        type='DIMLDataset',
        data_root='data/diml/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='ResizeFrames', size=image_size),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
test_dataloader = val_dataloader
