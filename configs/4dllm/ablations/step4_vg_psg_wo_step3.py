# Ablation (Table 3, "w/o step 3"): step 4 right after steps 1 and 2.
#
# Step 5 follows: row "w/o step 3" of configs/studies/psg4d_gta_transfer.py.
_base_ = ['../step4_vg_psg.py']

load_from = 'work_dirs/step1_psg4d-gta/epoch_300.pth'
model = dict(scene_transcender=dict(checkpoints=_base_.step2_checkpoints))
