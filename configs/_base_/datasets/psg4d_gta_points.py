# PSG4D-GTA, sampled frames with a point in space for each pixel: by their own matrices,
# where there are none by the camera of cameras.py. Tests open all frames as well, for
# the model that finds the objects.
_base_ = ['./psg4d_gta_videos.py', '../cameras.py']

# As many as 4D-LLM sees.
num_frames = 16
fx = _base_.cameras['psg4d_gta']['fx']

train_dataloader = dict(
    batch_size=1,
    num_workers=2,
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPointMaps', fx=fx),
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(type='ResizeFrames', size=_base_.image_size, keep_ratio=True),
            dict(type='RandomHorizontalFlip', prob=0.5),
            dict(type='PackSceneGraphInputs'),
        ]
    ),
)
val_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='OpenRGBDFrames', transforms=_base_.read_frames),
            dict(type='SampleFrames', num_frames=num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPointMaps', fx=fx),
            dict(type='ResizeFrames', size=_base_.image_size, keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ]
    ),
)
test_dataloader = val_dataloader
inference_pipeline = [
    dict(type='OpenRGBDFrames', transforms=_base_.read_frames),
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPointMaps', fx=fx),
    dict(type='ResizeFrames', size=_base_.image_size, keep_ratio=True),
    dict(type='PackSceneGraphInputs'),
]
