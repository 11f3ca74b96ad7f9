# Ablation (Table 3, "w/o step 3"): step 4 right after steps 1 and 2.
_base_ = ['./step4.py']

work_dir = 'work_dirs/tabletop/step4_wo_step3'
load_from = 'work_dirs/tabletop/step1_scarce/epoch_24.pth'
model = dict(scene_transcender=dict(checkpoints=_base_.step2_checkpoints_mini))
