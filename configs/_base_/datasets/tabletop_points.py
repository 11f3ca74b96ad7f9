# Tabletop-4D with a point in space for each pixel.
_base_ = ['./tabletop.py']

# Of a recording, which has no matrices: 34 degrees over 144 rows.
fx = 785.0
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='LoadPointMaps', fx=fx),
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(
                type='RandomHorizontalFlip', prob=0.5, swap_objects=_base_.left_first
            ),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
val_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='LoadPointMaps', fx=fx),
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
test_dataloader = val_dataloader
inference_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPointMaps', fx=fx),
    dict(type='ResizeFrames', size=_base_.image_size, keep_ratio=True),
    dict(type='PackSceneGraphInputs'),
]
