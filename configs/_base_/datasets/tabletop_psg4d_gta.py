# Tabletop-4D in PSG4D-GTA's layout: 24 frames a video at 8 frames a second, 192 x 144.
# The files are those of the full recipe; only sizes and places differ.
_base_ = ['./psg4d_gta.py']

data_root = 'data/tabletop/psg4d_gta/'
num_frames = 8
image_size = (144, 192)
# The simulation writes every file, so a missing one is an error.
depth_decoder = dict(type='SAILVOS3DDepthDecoder')

train_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', decoder=depth_decoder),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=image_size),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='PackSceneGraphInputs'),
]
test_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', decoder=depth_decoder),
    dict(type='LoadPanopticMasks', frames='all'),
    dict(type='ResizeFrames', size=image_size),
    dict(type='PackSceneGraphInputs'),
]

train_dataloader = dict(
    batch_size=4,
    dataset=dict(data_root=data_root, fps=8.0, pipeline=train_pipeline),
)
val_dataloader = dict(
    dataset=dict(data_root=data_root, fps=8.0, split='val', pipeline=test_pipeline)
)
test_dataloader = val_dataloader
