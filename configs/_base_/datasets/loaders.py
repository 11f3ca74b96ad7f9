# What the loaders of all data sets share, and how a recording that is no data set is
# read, with or without depth, of any aspect ratio (tools/infer.py).

# The paper does not give the number of frames that the model sees.
num_frames = 16

train_dataloader = dict(
    batch_size=1,
    num_workers=2,
    # Workers learn of a new epoch, and so of new augmentations, by starting anew.
    persistent_workers=False,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(split='train'),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=False,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(test_mode=True),
)
test_dataloader = val_dataloader

inference_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='ResizeFrames', size=(640, 1024), keep_ratio=True),
    dict(type='PackSceneGraphInputs'),
]
