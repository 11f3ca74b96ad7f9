# Step 2c of 4D-LLM: F_dte learns the depth features of the frames to come, on depth
# sequences of PSG4D (paper, Eq. 5, appendix D and Table 9).
#
#   python tools/train.py configs/4dllm/step2c_psg4d.py
#
# Needs data/psg4d_gta, data/psg4d_hoi, checkpoints/imagebind_huge.pth and step 2b's
# checkpoint: the core of F_dte begins as that of F_rte. Without step 2b:
#
#   python tools/train.py configs/4dllm/step2c_psg4d.py --cfg-options \
#       model.scene_transcender.checkpoints=None
_base_ = [
    '../_base_/models/scene_transcending.py',
    '../_base_/datasets/psg4d_depth.py',
    '../_base_/schedules/step2.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
]

model = dict(
    # One model has one camera. That of HOI is in step2c_psg4d_hoi.py.
    frame_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_gta']),
    scene_transcender=dict(
        trains=['depth_temporal_estimator'],
        checkpoints=dict(rgb_temporal_estimator='work_dirs/step2b_ag/epoch_20.pth'),
    ),
    losses=['dte'],
)
train_dataloader = dict(batch_size=4, num_workers=8)
val_dataloader = dict(batch_size=4, num_workers=8)
test_dataloader = val_dataloader

optim_wrapper = dict(optimizer=dict(lr=2e-4))
# The paper does not tell it.
train_cfg = dict(max_epochs=50, val_interval=50)
auto_scale_lr = dict(base_batch_size=32)
