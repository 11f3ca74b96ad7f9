# Ablation (Table 5, "2D"): images are read as they are, in place of steps 2 to 4.
#
# Step 5 follows: row "2D directly" of configs/studies/psg4d_gta_transfer.py.
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/datasets/vg_psg.py',
    '../../_base_/schedules/step4.py',
    '../../_base_/default_runtime.py',
]

load_from = 'work_dirs/step1_psg4d-gta/epoch_300.pth'
model = dict(scene_transcender=None, train_given='4d', test_given='4d')
