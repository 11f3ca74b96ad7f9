# DIML: pairs of RGB and depth without scene graphs, for depth estimation (step 2a).
_base_ = ['./psg4d_gta.py']

data_root = 'data/diml/'
num_frames = 1
image_size = (576, 1024)

train_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=image_size),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='PackSceneGraphInputs'),
]
test_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='ResizeFrames', size=image_size),
    dict(type='PackSceneGraphInputs'),
]

train_dataloader = dict(
    dataset=dict(
        type='DIMLDataset',
        data_root=data_root,
        pipeline=train_pipeline,
        # As many as the paper draws at random; which ones it does not tell.
        num_pairs=200_000,
        draw_seed=0,
    )
)
val_dataloader = dict(
    dataset=dict(
        type='DIMLDataset', data_root=data_root, split='test', pipeline=test_pipeline
    )
)
test_dataloader = val_dataloader
