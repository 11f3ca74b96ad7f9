# Step 2c on Tabletop-4D: F_dte learns from the depth of 4D videos, without their
# graphs.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/4dllm/tabletop/step2b.py
#   python tools/train.py configs/4dllm/tabletop/step2c.py
_base_ = [
    '../../_base_/models/scene_transcending_any_size.py',
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/models/scene_transcender_mini.py',
    '../../_base_/datasets/loaders.py',
    '../../_base_/schedules/tabletop_step2.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/step2c'

image_size = (144, 192)
num_frames = 8
train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        type='PSG4DGTADataset',
        data_root='data/tabletop/psg4d_gta/',
        pipeline=[
            dict(type='SampleFrames', num_frames=num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=image_size),
            dict(type='RandomHorizontalFlip', prob=0.5),
            dict(type='RandomColourJitter'),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=1,
    dataset=dict(
        _delete_=True,
        type='PSG4DGTADataset',
        data_root='data/tabletop/psg4d_gta/',
        split='val',
        pipeline=[
            dict(type='SampleFrames', num_frames=num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='ResizeFrames', size=image_size),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
test_dataloader = val_dataloader

model = dict(
    frame_encoder=_base_.imagebind_mini,
    scene_transcender=dict(
        **_base_.scene_transcender,
        trains=['depth_temporal_estimator'],
        checkpoints=dict(
            rgb_temporal_estimator='work_dirs/tabletop/step2b/epoch_4.pth'
        ),
    ),
    losses=['dte'],
)
auto_scale_lr = dict(base_batch_size=8)
