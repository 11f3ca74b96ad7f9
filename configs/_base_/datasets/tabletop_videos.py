# Tabletop-4D, all 24 frames of whole videos, read when they are asked for.
# As many as the world has, with those that are held out.
num_categories = 29
image_size = (144, 192)

read_frames = [
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='ResizeFrames', size=image_size, keep_ratio=True),
]
train_dataloader = dict(
    batch_size=10,
    # Tubes are on disk after the first epoch: little is read.
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/tabletop/psg4d_gta/',
        split='train',
        pipeline=[
            dict(
                type='OpenRGBDFrames',
                transforms=[
                    dict(type='LoadRGBFrames'),
                    dict(type='LoadDepthFrames'),
                    dict(type='LoadPanopticMasks', frames='sampled'),
                    dict(type='ResizeFrames', size=image_size, keep_ratio=True),
                ],
            ),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
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
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='OpenRGBDFrames', transforms=read_frames),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
test_dataloader = val_dataloader
inference_pipeline = [
    dict(type='OpenRGBDFrames', transforms=read_frames),
    dict(type='PackSceneGraphInputs'),
]

val_evaluator = dict(type='SceneGraphMetric', protocol='strict', topk=(20, 50, 100))
test_evaluator = val_evaluator
