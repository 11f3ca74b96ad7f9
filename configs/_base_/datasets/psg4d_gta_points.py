# PSG4D-GTA with a point in space for each pixel: by its frames' matrices, and by the
# camera of cameras.py where there are none.
_base_ = ['./loaders.py', '../cameras.py']

# Points are picked by the hundred of each object.
image_size = (400, 640)
fx = _base_.cameras['psg4d_gta']['fx']

train_dataloader = dict(
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/psg4d_gta/',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            # The published data lacks some depth files.
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPointMaps', fx=fx),
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(type='ResizeFrames', size=image_size),
            dict(type='RandomHorizontalFlip', prob=0.5),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
val_dataloader = dict(
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/psg4d_gta/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPointMaps', fx=fx),
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='ResizeFrames', size=image_size),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
test_dataloader = val_dataloader
inference_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPointMaps', fx=fx),
    dict(type='ResizeFrames', size=image_size, keep_ratio=True),
    dict(type='PackSceneGraphInputs'),
]

val_evaluator = dict(type='SceneGraphMetric', protocol='strict', topk=(20, 50, 100))
test_evaluator = val_evaluator
