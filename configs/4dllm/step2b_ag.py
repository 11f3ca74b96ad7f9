# Step 2b of 4D-LLM: F_rte learns the RGB features of the frames to come, on clips of
# Action Genome (paper, Eq. 4, appendix D and Table 9).
#
#   python tools/train.py configs/4dllm/step2b_ag.py
#
# Needs data/action_genome and checkpoints/imagebind_huge.pth.
_base_ = [
    '../_base_/models/scene_transcending.py',
    '../_base_/datasets/ag.py',
    '../_base_/schedules/step2.py',
    '../_base_/default_runtime.py',
]

model = dict(scene_transcender=dict(trains=['rgb_temporal_estimator']), losses=['rte'])

optim_wrapper = dict(optimizer=dict(lr=5e-3))
# The paper does not tell it.
train_cfg = dict(max_epochs=20, val_interval=20)
auto_scale_lr = dict(base_batch_size=32)
