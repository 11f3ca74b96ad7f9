# Step 2b on Tabletop-4D: F_rte learns from clips.
#
#   python tools/make_tabletop.py --out data/tabletop --layouts ag --train 200 \
#       --test 20 --unseen 0
#   python tools/train.py configs/4dllm/tabletop/step2b.py
_base_ = [
    '../../_base_/models/scene_transcending_any_size.py',
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/models/scene_transcender_mini.py',
    '../../_base_/datasets/loaders.py',
    '../../_base_/schedules/tabletop_step2.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/step2b'

image_size = (144, 192)
num_frames = 8
train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        type='ActionGenomeDataset',
        data_root='data/tabletop/ag/',
        pipeline=[
            dict(type='SampleFrames', num_frames=num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=image_size, keep_ratio=True),
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
        type='ActionGenomeDataset',
        data_root='data/tabletop/ag/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='ResizeFrames', size=image_size, keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ],
    ),
)
test_dataloader = val_dataloader

model = dict(
    frame_encoder=_base_.imagebind_mini,
    scene_transcender=dict(
        **_base_.scene_transcender, trains=['rgb_temporal_estimator']
    ),
    losses=['rte'],
)
auto_scale_lr = dict(base_batch_size=8)
