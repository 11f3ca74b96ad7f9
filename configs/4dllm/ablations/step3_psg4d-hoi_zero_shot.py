# Table 11, step 3 without labels of PSG4D on the way to PSG4D-HOI, with HOI's camera.
_base_ = [
    '../../_base_/models/scene_transcending.py',
    '../../_base_/datasets/psg4d_depth.py',
    '../../_base_/schedules/step2.py',
    '../../_base_/default_runtime.py',
    '../../_base_/cameras.py',
]

model = dict(
    frame_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']),
    scene_transcender=dict(
        checkpoints=dict(
            depth_estimator='work_dirs/step2a_diml/epoch_5.pth',
            rgb_temporal_estimator='work_dirs/step2b_ag/epoch_20.pth',
            depth_temporal_estimator='work_dirs/step2c_psg4d_hoi/epoch_50.pth',
        )
    ),
    losses=['de', 'rte', 'dte', 'dep_heart', 'dep_diamond'],
)
val_dataloader = dict(
    dataset=dict(type='PSG4DHOIDataset', data_root='data/psg4d_hoi/', split='val')
)
test_dataloader = val_dataloader

optim_wrapper = dict(optimizer=dict(lr=2e-4, weight_decay=0.05))
train_cfg = dict(max_epochs=100, val_interval=100)
