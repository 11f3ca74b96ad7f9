# Tabletop-4D, clips of videos, evenly spread over them: what one-stage PSG4DFormer
# learns from. It is tested on all frames of whole videos.
_base_ = ['./tabletop_videos.py']

train_dataloader = dict(
    # Sixteen frames.
    batch_size=2,
    num_workers=2,
    # Workers learn of a new epoch, and so of new augmentations, by starting anew.
    persistent_workers=False,
    dataset=dict(
        _delete_=True,
        type='SceneGraphRepeatDataset',
        # Videos have 24 frames: so an epoch sees about two thirds of each.
        times=2,
        dataset=dict(
            type='PSG4DGTADataset',
            data_root='data/tabletop/psg4d_gta/',
            split='train',
            pipeline=[
                dict(type='SampleFrames', num_frames=8, jitter=True),
                dict(type='LoadRGBFrames'),
                dict(type='LoadDepthFrames'),
                dict(type='LoadPanopticMasks', frames='sampled'),
                dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
                dict(type='ResizeFrames', size=_base_.image_size),
                # The world names the left one of two neighbours first.
                dict(
                    type='RandomHorizontalFlip',
                    prob=0.5,
                    swap_objects=['next to', 'to the left of'],
                ),
                dict(type='RandomColourJitter'),
                dict(type='PackSceneGraphInputs'),
            ],
        ),
    ),
)
