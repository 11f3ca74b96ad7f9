# Ablation (Table 3, "w/o step 2"): step 3 with estimators that have learned nothing.
#
# Steps 4 and 5 follow: row "w/o step 2" of configs/studies/psg4d_hoi_transfer.py.
_base_ = ['../step3_psg4d-hoi.py']

model = dict(scene_transcender=dict(checkpoints=dict(_delete_=True)))
