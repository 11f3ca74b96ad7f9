# Tabletop-4D, a few frames of a video at a time: what PSG4DFormer's segmentation learns
# from. It is tested on all frames of whole videos.
_base_ = ['./tabletop_videos.py']

train_dataloader = dict(
    # Six frames.
    batch_size=2,
    num_workers=2,
    # Workers learn of a new epoch, and so of new augmentations, by starting anew.
    persistent_workers=False,
    dataset=dict(
        _delete_=True,
        type='SceneGraphRepeatDataset',
        # Videos have 24 frames: so an epoch sees about half of each.
        times=4,
        dataset=dict(
            type='PSG4DGTADataset',
            data_root='data/tabletop/psg4d_gta/',
            split='train',
            pipeline=[
                dict(type='SampleFrames', num_frames=3, jitter=True),
                dict(type='LoadRGBFrames'),
                dict(type='LoadDepthFrames'),
                dict(type='LoadPanopticMasks', frames='sampled'),
                dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
                dict(type='ResizeFrames', size=_base_.image_size),
                dict(type='RandomHorizontalFlip', prob=0.5),
                dict(type='RandomColourJitter'),
                dict(type='PackSceneGraphInputs'),
            ],
        ),
    ),
)

val_evaluator = dict(_delete_=True, type='PanopticQualityMetric')
test_evaluator = val_evaluator
