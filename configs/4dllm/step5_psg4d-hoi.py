# Step 5 of 4D-LLM on PSG4D-HOI: 4D scene fine-tuning, step 1 again from step 4's
# checkpoint (paper, appendix D).
#
#   python tools/train.py configs/4dllm/step5_psg4d-hoi.py
#   python tools/test.py configs/4dllm/step5_psg4d-hoi.py CHECKPOINT
_base_ = [
    '../_base_/models/four_d_llm.py',
    '../_base_/datasets/psg4d_hoi.py',
    '../_base_/schedules/step1.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
]

load_from = 'work_dirs/step4_vg_psg_hoi/epoch_3.pth'
model = dict(scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']))

# As in step 1.
train_cfg = dict(max_epochs=20, val_interval=20)
