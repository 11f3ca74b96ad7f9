# PSG4D-GTA, all frames of whole videos, read when they are asked for.
num_categories = 35
# About as many pixels as the 360 x 480 of the published code, in the frames' own
# aspect ratio.
image_size = (320, 512)

read_frames = [
    dict(type='LoadRGBFrames'),
    # The published data lacks some depth and matrix files.
    dict(type='LoadDepthFrames', missing='unknown'),
    dict(type='ResizeFrames', size=image_size, keep_ratio=True),
]
train_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=False,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/psg4d_gta/',
        split='train',
        pipeline=[
            dict(
                type='OpenRGBDFrames',
                transforms=[
                    dict(type='LoadRGBFrames'),
                    dict(type='LoadDepthFrames', missing='unknown'),
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
    num_workers=2,
    persistent_workers=False,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/psg4d_gta/',
        split='test',
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
