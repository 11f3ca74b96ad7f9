# Ablation (Table 5, "2D"): pictures are read as they are, in place of steps 2 to 4.
_base_ = ['../step4_vg_psg.py']

load_from = 'work_dirs/step1_psg4d-gta/epoch_300.pth'
model = dict(scene_transcender=None, train_given='4d', test_given='4d')
