# PSG: 48,749 images of COCO with panoptic masks. A still image is a video of one frame.
_base_ = ['./pvsg.py']

dataset_type = 'PSGDataset'
data_root = 'data/'
num_frames = 1

train_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=_base_.image_size, keep_ratio=True),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='OrderObjects', by_category=True),
    dict(type='PackSceneGraphInputs'),
]

train_dataloader = dict(
    dataset=dict(type=dataset_type, data_root=data_root, pipeline=train_pipeline)
)
val_dataloader = dict(
    dataset=dict(type=dataset_type, data_root=data_root, split='test')
)
test_dataloader = val_dataloader
