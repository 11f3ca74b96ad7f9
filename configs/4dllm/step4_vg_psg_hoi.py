# Step 4 of 4D-LLM on the way to PSG4D-HOI: as step4_vg_psg.py, from HOI's step 3.
#
#   python tools/train.py configs/4dllm/step4_vg_psg_hoi.py
_base_ = ['./step4_vg_psg.py']

model = dict(scene_transcender=dict(still_scene=dict(num_frames=300, fps=15.0)))
load_from = 'work_dirs/step3_psg4d-hoi/epoch_8.pth'
