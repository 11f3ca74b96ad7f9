# Step 4 of 4D-LLM on the way to PSG4D-HOI: as step4_vg_psg.py, from HOI's step 3.
#
#   python tools/train.py configs/4dllm/step4_vg_psg_hoi.py
_base_ = ['./step4_vg_psg.py']

load_from = 'work_dirs/step3_psg4d-hoi/epoch_8.pth'
