# Tabletop-4D, sampled frames with a point in space for each pixel. Tests open all
# frames as well, for the model that finds the objects.
_base_ = ['./tabletop_videos.py']

num_frames = 8
# Of a recording, which has no matrices: 34 degrees over 144 rows.
fx = 785.0

train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    # Workers learn of a new epoch, and so of new augmentations, by starting anew.
    persistent_workers=False,
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='LoadPointMaps', fx=fx),
            dict(type='LoadPanopticMasks', frames='sampled'),
            # The world names the left one of two neighbours first.
            dict(
                type='RandomHorizontalFlip',
                prob=0.5,
                swap_objects=['next to', 'to the left of'],
            ),
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
            dict(type='LoadDepthFrames'),
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
