# Step 2c of 4D-LLM on the way to PSG4D-HOI: as step2c_psg4d.py, with HOI's camera.
#
#   python tools/train.py configs/4dllm/step2c_psg4d_hoi.py
_base_ = [
    '../_base_/models/scene_transcending.py',
    '../_base_/datasets/psg4d_depth.py',
    '../_base_/schedules/step2.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
]

model = dict(
    frame_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']),
    scene_transcender=dict(
        trains=['depth_temporal_estimator'],
        checkpoints=dict(rgb_temporal_estimator='work_dirs/step2b_ag/epoch_20.pth'),
    ),
    losses=['dte'],
)
train_dataloader = dict(batch_size=4, num_workers=8)
val_dataloader = dict(
    batch_size=4,
    num_workers=8,
    dataset=dict(type='PSG4DHOIDataset', data_root='data/psg4d_hoi/', split='val'),
)
test_dataloader = val_dataloader

optim_wrapper = dict(optimizer=dict(lr=2e-4))
# The paper does not tell it.
train_cfg = dict(max_epochs=50, val_interval=50)
auto_scale_lr = dict(base_batch_size=32)
