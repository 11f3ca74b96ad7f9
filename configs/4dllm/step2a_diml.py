# Step 2a of 4D-LLM: F_de learns the features of depth from those of RGB, on 200,000
# pairs of DIML, drawn by a seed (Eq. 2, appendix D and Table 9).
#
#   python tools/train.py configs/4dllm/step2a_diml.py
#
# Needs data/diml and checkpoints/imagebind_huge.pth.
_base_ = [
    '../_base_/models/scene_transcending.py',
    '../_base_/datasets/diml.py',
    '../_base_/schedules/step2.py',
    '../_base_/default_runtime.py',
]

model = dict(
    frame_encoder=dict(depth_to_disparity=_base_.cameras['diml']),
    scene_transcender=dict(trains=['depth_estimator']),
    losses=['de'],
)
train_dataloader = dict(batch_size=16, num_workers=8)
val_dataloader = dict(batch_size=16, num_workers=8)
test_dataloader = val_dataloader

optim_wrapper = dict(optimizer=dict(lr=2e-3))
# The paper does not tell it.
max_epochs = 5
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
auto_scale_lr = dict(base_batch_size=128)
