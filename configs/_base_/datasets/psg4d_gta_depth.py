# PSG4D-GTA alone as sequences of depth; step 2c takes psg4d_depth.py.
_base_ = ['./psg4d_gta.py']

train_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
    # Depth is measured against the pictures.
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', missing=_base_.missing_depth),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='PackSceneGraphInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
