# Step 1 of 4D-LLM on PSG4D-GTA: 4D scene perception initiation learning (paper,
# section 4 and Table 9).
#
#   python tools/train.py configs/4dllm/step1_psg4d-gta.py
#   python tools/test.py configs/4dllm/step1_psg4d-gta.py CHECKPOINT
#
# Needs data/psg4d_gta, checkpoints/imagebind_huge.pth,
# checkpoints/sam2.1_hiera_large.pt and LLaMA-2-7B from the Hugging Face hub.
_base_ = [
    '../_base_/models/four_d_llm.py',
    '../_base_/datasets/psg4d_gta.py',
    '../_base_/schedules/step1.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
]

model = dict(scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_gta']))
