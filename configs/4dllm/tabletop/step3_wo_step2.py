# Ablation (Table 3, "w/o step 2"): step 3 with estimators that have learned nothing.
_base_ = ['./step3.py']

work_dir = 'work_dirs/tabletop/step3_wo_step2'
model = dict(scene_transcender=dict(checkpoints=dict(_delete_=True)))
