# PSG4D-HOI: 2,973 egocentric videos of 300 frames at 1080 x 1920.
_base_ = ['./psg4d_gta.py']

dataset_type = 'PSG4DHOIDataset'
data_root = 'data/psg4d_hoi/'
image_size = (576, 1024)

train_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', missing=_base_.missing_depth),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=image_size),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='OrderObjects', by_category=True),
    dict(type='PackSceneGraphInputs'),
]
test_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', missing=_base_.missing_depth),
    dict(type='LoadPanopticMasks', frames='all'),
    dict(type='ResizeFrames', size=image_size),
    dict(type='PackSceneGraphInputs'),
]
inference_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', missing=_base_.missing_depth),
    dict(type='ResizeFrames', size=image_size, keep_ratio=True),
    dict(type='PackSceneGraphInputs'),
]

train_dataloader = dict(
    dataset=dict(type=dataset_type, data_root=data_root, pipeline=train_pipeline)
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type, data_root=data_root, split='val', pipeline=test_pipeline
    )
)
test_dataloader = val_dataloader
