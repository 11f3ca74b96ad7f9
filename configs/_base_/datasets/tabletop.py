# Tabletop-4D, the simulated world, in the layout of PSG4D-GTA: 24 frames a video, 192 x
# 144.
num_frames = 8
image_size = (144, 192)
# The world names the left one of two neighbours first.
left_first = ['next to', 'to the left of']

train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    # Workers learn of a new epoch, and so of new augmentations, by starting anew.
    persistent_workers=False,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/tabletop/psg4d_gta/',
        split='train',
        pipeline=[
            dict(type='SampleFrames', num_frames=num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=image_size),
            dict(type='RandomHorizontalFlip', prob=0.5, swap_objects=left_first),
            dict(type='RandomColourJitter'),
            dict(type='OrderObjects', by_category=True),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=2,
    persistent_workers=False,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/tabletop/psg4d_gta/',
        split='val',
        test_mode=True,
        pipeline=[
            dict(type='SampleFrames', num_frames=num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='ResizeFrames', size=image_size),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
test_dataloader = val_dataloader
inference_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='ResizeFrames', size=image_size),
    dict(type='PackSceneGraphInputs'),
]

val_evaluator = [
    dict(type='SceneGraphMetric', protocol='strict', topk=(20, 50, 100)),
    dict(type='RelationAccuracyMetric', topk=(20,)),
]
test_evaluator = val_evaluator
