# Step 2a on Tabletop-4D: F_de learns from pairs of RGB and depth.
#
#   python tools/make_tabletop.py --out data/tabletop --layouts diml --train 200 \
#       --test 20 --unseen 0 --images 3 --frames 12
#   python tools/train.py configs/4dllm/tabletop/step2a.py
_base_ = [
    '../../_base_/models/scene_transcending_any_size.py',
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/models/scene_transcender_mini.py',
    '../../_base_/datasets/loaders.py',
    '../../_base_/schedules/tabletop_step2.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/step2a'

image_size = (144, 192)
train_dataloader = dict(
    batch_size=32,
    dataset=dict(
        type='DIMLDataset',
        data_root='data/tabletop/diml/',
        num_pairs=None,
        draw_seed=0,
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=image_size),
            dict(type='RandomHorizontalFlip', prob=0.5),
            dict(type='RandomColourJitter'),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=1,
    dataset=dict(
        type='DIMLDataset',
        data_root='data/tabletop/diml/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='ResizeFrames', size=image_size),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
test_dataloader = val_dataloader

model = dict(
    frame_encoder=_base_.imagebind_mini,
    scene_transcender=dict(**_base_.scene_transcender, trains=['depth_estimator']),
    losses=['de'],
)
auto_scale_lr = dict(base_batch_size=32)
