# PVSG: 400 videos of VidOR, EPIC-KITCHENS and Ego4D, without depth.
_base_ = ['./loaders.py']

# Portrait and landscape.
image_size = (1024, 1024)

train_dataloader = dict(
    dataset=dict(
        type='PVSGDataset',
        data_root='data/pvsg/',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadPanopticMasks', frames='sampled'),
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
        type='PVSGDataset',
        data_root='data/pvsg/',
        split='val',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='ResizeFrames', size=image_size, keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
test_dataloader = val_dataloader
