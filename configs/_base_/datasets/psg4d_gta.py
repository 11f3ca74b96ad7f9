# PSG4D-GTA as published: 67 videos at 1280 x 800, 26 thing and 9 stuff categories, 43
# predicates. Other data in its layout overrides what differs:
# see configs/4dllm/tabletop/step1_scratch.py.
dataset_type = 'PSG4DGTADataset'
data_root = 'data/psg4d_gta/'

# The paper does not give the number of frames that the model sees.
num_frames = 16
# The width that the tube decoder resizes to anyway, at the original aspect ratio.
image_size = (640, 1024)

# The published data lacks some depth and matrix files.
missing_depth = 'unknown'

train_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', missing=missing_depth),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=image_size),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='OrderObjects', by_category=True),
    dict(type='PackSceneGraphInputs'),
]
test_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', missing=missing_depth),
    dict(type='LoadPanopticMasks', frames='all'),
    dict(type='ResizeFrames', size=image_size),
    dict(type='PackSceneGraphInputs'),
]
# For recordings that are no data set, with or without depth, of any aspect ratio
# (tools/infer.py).
inference_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='ResizeFrames', size=image_size, keep_ratio=True),
    dict(type='PackSceneGraphInputs'),
]

train_dataloader = dict(
    batch_size=1,
    num_workers=2,
    # Workers learn of a new epoch, and so of new augmentations, by starting anew.
    persistent_workers=False,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='train',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=False,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='test',
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
