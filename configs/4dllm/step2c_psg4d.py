# Step 2c of 4D-LLM: F_dte learns the depth features of the frames to come, on depth
# sequences of PSG4D (paper, Eq. 5, appendix D and Table 9).
#
#   python tools/train.py configs/4dllm/step2c_psg4d.py
#
# Needs data/psg4d_gta, data/psg4d_hoi and checkpoints/imagebind_huge.pth.
#
# Its core begins as F_rte's. Where step 2b is done before, begin with what it learned:
#
#   python tools/train.py configs/4dllm/step2c_psg4d.py --cfg-options \
#       model.scene_transcender.checkpoints.rgb_temporal_estimator=CHECKPOINT
_base_ = [
    '../_base_/models/scene_transcending.py',
    '../_base_/datasets/psg4d_depth.py',
    '../_base_/schedules/step2.py',
    '../_base_/default_runtime.py',
]

model = dict(
    # Of GTA; one model has one camera. That of HOI is in step2c_psg4d_hoi.py.
    frame_encoder=dict(depth_to_disparity=dict(fx=858.0, baseline=0.075)),
    scene_transcender=dict(trains=['depth_temporal_estimator'], checkpoints=dict()),
    losses=['dte'],
)
train_dataloader = dict(batch_size=4, num_workers=8)
val_dataloader = dict(batch_size=4, num_workers=8)
test_dataloader = val_dataloader

optim_wrapper = dict(optimizer=dict(lr=2e-4))
# The paper does not tell it.
max_epochs = 50
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
auto_scale_lr = dict(base_batch_size=32)
