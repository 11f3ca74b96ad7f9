# Step 5 of 4D-LLM on PSG4D-HOI: 4D scene fine-tuning, step 1 again from step 4's
# checkpoint (paper, appendix D).
#
#   python tools/train.py configs/4dllm/step5_psg4d-hoi.py
#   python tools/test.py configs/4dllm/step5_psg4d-hoi.py CHECKPOINT
_base_ = ['./step1_psg4d-hoi.py']

load_from = 'work_dirs/step4_vg_psg_hoi/epoch_3.pth'
