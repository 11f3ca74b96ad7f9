# Pretraining of the mini ImageBind: RGB and depth encoder of Tabletop-4D.
#
#   python tools/make_tabletop.py --seed 1 --train 900 --test 40 --unseen 0 \
#     --out data/tabletop_foundation
#   python tools/make_tabletop.py --seed 4 --frames 8 --train 1600 --test 0 \
#     --unseen 0 --out data/tabletop_foundation_clips
#   python tools/train.py configs/foundation/tabletop/imagebind_mini.py
_base_ = [
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/models/scene_graph_heads/tabletop.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop.py',
    '../../_base_/default_runtime.py',
]
custom_imports = dict(imports=['mmfourdpsg', 'mmfourdpsg.pretraining'])

work_dir = 'work_dirs/foundation/imagebind_mini'
data_root = 'data/tabletop_foundation/psg4d_gta/'
clips_root = 'data/tabletop_foundation_clips/psg4d_gta/'

train_pipeline = [
    # Frames of a scene look alike: rather many scenes than many frames.
    dict(type='SampleFrames', num_frames=2, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='PackSceneGraphInputs'),
]
test_pipeline = [
    dict(type='SampleFrames', num_frames=4),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='PackSceneGraphInputs'),
]
train_dataset = dict(
    _base_.train_dataloader.dataset, data_root=data_root, pipeline=train_pipeline
)
train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[train_dataset, dict(train_dataset, data_root=clips_root)],
        # Short videos do not show everything that may happen.
        ignore_keys='predicates',
    ),
)
val_dataloader = dict(
    batch_size=8,
    # Targets at the sampled frames, as in training.
    dataset=dict(
        data_root=data_root, split='val', pipeline=test_pipeline, test_mode=False
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(_delete_=True, type='FeatureMetric')
test_evaluator = val_evaluator

model = dict(
    type='ImageBindPretrainer',
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    rgb_encoder=dict(_base_.imagebind_mini.rgb_encoder, checkpoint=None),
    depth_encoder=dict(_base_.imagebind_mini.depth_encoder, checkpoint=None),
    depth_to_disparity=_base_.imagebind_mini.depth_to_disparity,
    categories=_base_.tabletop_head.text_format.categories,
    joint_channels=64,
    num_contrast_patches=1024,
    loss_weights=dict(
        contrast=0.5, geometry=1.0, instance=0.5, name=1.0, patch_name=1.0
    ),
)

optim_wrapper = dict(
    optimizer=dict(lr=1e-3),
    # Decay would pull temperatures to 1.
    paramwise_cfg=dict(
        custom_keys=dict(log_scale=dict(decay_mult=0.0)), bypass_duplicate=True
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=100),
    _base_.param_scheduler[1],
]
train_cfg = dict(max_epochs=24, val_interval=2)
auto_scale_lr = dict(base_batch_size=16)
