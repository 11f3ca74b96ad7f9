# Pretraining of the mini ImageBind: RGB and depth encoder of Tabletop-4D.
#
#   python tools/make_tabletop.py --seed 1 --train 900 --test 40 --unseen 0 \
#     --out data/tabletop_foundation
#   python tools/train.py configs/foundation/tabletop/imagebind_mini.py
_base_ = ['../../4dllm/tabletop/step1_scratch.py']

work_dir = 'work_dirs/foundation/imagebind_mini'
data_root = 'data/tabletop_foundation/psg4d_gta/'
num_frames = 4

train_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', decoder=_base_.depth_decoder),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='PackSceneGraphInputs'),
]
test_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', decoder=_base_.depth_decoder),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='PackSceneGraphInputs'),
]
train_dataloader = dict(
    batch_size=8, dataset=dict(data_root=data_root, pipeline=train_pipeline)
)
val_dataloader = dict(
    batch_size=8,
    # Targets at the sampled frames, as in training.
    dataset=dict(
        data_root=data_root, split='val', pipeline=test_pipeline, test_mode=False
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(_delete_=True, type='ImageBindFeatureMetric')
test_evaluator = val_evaluator

model = dict(
    _delete_=True,
    type='ImageBindPretrainer',
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    rgb_encoder=_base_.model.scene_encoder.rgb_encoder,
    depth_encoder=_base_.model.scene_encoder.depth_encoder,
    depth_to_disparity=_base_.model.scene_encoder.depth_to_disparity,
    categories=_base_.categories,
    joint_channels=64,
    num_contrast_patches=1024,
    loss_weights=dict(contrast=0.5, geometry=1.0, instance=0.5, name=1.0),
)

max_epochs = 24
optim_wrapper = dict(
    optimizer=dict(lr=1e-3),
    # Decay would pull temperatures to 1.
    paramwise_cfg=dict(custom_keys=dict(log_scale=dict(decay_mult=0.0))),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=100),
    dict(
        type='CosineAnnealingLR',
        by_epoch=True,
        begin=0,
        T_max=max_epochs,
        end=max_epochs,
        eta_min=0.0,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(max_epochs=max_epochs, val_interval=4)
auto_scale_lr = dict(base_batch_size=8)
