# Ablation (Table 3, "w/o step 2"): step 3 with estimators that have learned nothing.
_base_ = ['../step3_psg4d-gta.py']

model = dict(scene_transcender=dict(checkpoints=dict(_delete_=True)))
