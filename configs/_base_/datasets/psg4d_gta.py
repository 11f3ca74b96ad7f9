# PSG4D-GTA as published: 67 videos at 1280 x 800, 26 thing and 9 stuff categories, 43
# predicates.
_base_ = ['./loaders.py']

# The width that the tube decoder resizes to anyway, at the original aspect ratio.
image_size = (640, 1024)

train_dataloader = dict(
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/psg4d_gta/',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            # The published data lacks some depth and matrix files.
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=image_size),
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
        type='PSG4DGTADataset',
        data_root='data/psg4d_gta/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='ResizeFrames', size=image_size),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
test_dataloader = val_dataloader

val_evaluator = [
    dict(type='SceneGraphMetric', protocol='strict', topk=(20, 50, 100)),
    dict(type='RelationAccuracyMetric', topk=(20,)),
]
test_evaluator = val_evaluator
