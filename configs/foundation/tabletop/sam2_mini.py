# Pretraining of the mini SAM2, third stage: following what the first frame points at.
#
#   python tools/train.py configs/foundation/tabletop/sam2_mini_image.py
#   python tools/train.py configs/foundation/tabletop/sam2_mini.py
_base_ = ['./sam2_mini_image.py']

work_dir = 'work_dirs/foundation/sam2_mini'
load_from = 'work_dirs/foundation/sam2_mini_image/epoch_24.pth'

train_pipeline = [
    dict(type='SampleFrames', num_frames=4, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.6, prob=0.3),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='PackSceneGraphInputs'),
]
val_pipeline = [
    dict(type='SampleFrames', num_frames=12),
    dict(type='LoadRGBFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='PackSceneGraphInputs'),
]
train_dataloader = dict(batch_size=4, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = val_dataloader

# Most objects are pointed at as `[Obj]` will: one embedding in every frame.
model = dict(kinds=dict(point=0.1, box=0.15, mask=0.1, embedding=0.65))

optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=50),
    _base_.param_scheduler[1],
]
train_cfg = dict(max_epochs=4, val_interval=1)
