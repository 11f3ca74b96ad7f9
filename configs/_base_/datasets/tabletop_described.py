# Tabletop-4D for chained inference: training videos say what each object is like and
# why a pair may be related.
_base_ = ['./tabletop.py']

train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=_base_.image_size),
            dict(type='RandomHorizontalFlip', prob=0.5, swap_objects=_base_.left_first),
            dict(type='RandomColourJitter'),
            dict(type='DescribeObjects'),
            dict(type='OrderObjects', by_category=True),
            dict(type='PackSceneGraphInputs'),
        ]
    )
)
