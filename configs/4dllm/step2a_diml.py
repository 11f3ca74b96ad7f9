# Step 2a of 4D-LLM: F_de learns the features of depth from those of RGB, on 200,000
# pairs of DIML, sampled by a seed (Eq. 2, appendix D and Table 9).
#
#   python tools/train.py configs/4dllm/step2a_diml.py
#
# Needs data/diml and checkpoints/imagebind_huge.pth.
_base_ = [
    '../_base_/models/scene_transcending.py',
    '../_base_/datasets/diml.py',
    '../_base_/schedules/step2.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
]

model = dict(
    frame_encoder=dict(depth_to_disparity=_base_.cameras['diml']),
    scene_transcender=dict(trains=['depth_estimator']),
    losses=['de'],
)

optim_wrapper = dict(optimizer=dict(lr=2e-3))
# The paper does not tell it.
train_cfg = dict(max_epochs=5, val_interval=5)
auto_scale_lr = dict(base_batch_size=128)
