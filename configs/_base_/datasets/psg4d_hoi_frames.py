# PSG4D-HOI, a few frames of a video at a time: what PSG4DFormer's segmentation learns
# from. It is tested on all frames of whole videos.
_base_ = ['./psg4d_hoi_videos.py']

train_dataloader = dict(
    # Sixteen frames.
    batch_size=4,
    num_workers=8,
    # Workers learn of a new epoch, and so of new augmentations, by starting anew.
    persistent_workers=False,
    dataset=dict(
        _delete_=True,
        type='SceneGraphRepeatDataset',
        # Videos have 300 frames: so an epoch sees about each frame once.
        times=75,
        dataset=dict(
            type='PSG4DHOIDataset',
            data_root='data/psg4d_hoi/',
            split='train',
            pipeline=[
                dict(type='SampleFrames', num_frames=4, jitter=True),
                dict(type='LoadRGBFrames'),
                # The published data lacks some depth files.
                dict(type='LoadDepthFrames', missing='unknown'),
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
