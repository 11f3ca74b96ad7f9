# Pretraining of the mini SAM2, first stage: the pixels of an object are alike.
#
#   python tools/make_tabletop.py --seed 1 --train 900 --test 40 --unseen 0 \
#     --out data/tabletop_foundation
#   python tools/make_tabletop.py --seed 4 --frames 8 --train 1600 --test 0 \
#     --unseen 0 --out data/tabletop_foundation_clips
#   python tools/train.py configs/foundation/tabletop/sam2_mini_features.py
_base_ = ['./sam2_mini_image.py']

work_dir = 'work_dirs/foundation/sam2_mini_features'
clips_root = 'data/tabletop_foundation_clips/psg4d_gta/'

train_pipeline = [
    dict(type='SampleFrames', num_frames=2, jitter=True),
    *_base_.train_pipeline[1:],
]
train_dataset = dict(_base_.train_dataloader.dataset, pipeline=train_pipeline)
train_dataloader = dict(
    batch_size=24,
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[train_dataset, dict(train_dataset, data_root=clips_root)],
        # Short videos do not show everything that may happen.
        ignore_keys='predicates',
    ),
)
val_evaluator = dict(_delete_=True, type='FeatureMetric')
test_evaluator = val_evaluator

model = dict(
    _delete_=True,
    type='InstanceFeaturePretrainer',
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    tube_decoder={
        **_base_.model.tube_decoder,
        'checkpoint': None,
        'max_train_objects': None,
        'loss_focal': dict(_base_.model.tube_decoder.loss_focal, alpha=0.25),
    },
)

optim_wrapper = dict(
    optimizer=dict(lr=1e-3),
    # Decay would pull the temperature to 1.
    paramwise_cfg=dict(custom_keys=dict(log_scale=dict(decay_mult=0.0))),
)
train_cfg = dict(max_epochs=8, val_interval=2)
auto_scale_lr = dict(base_batch_size=24)
