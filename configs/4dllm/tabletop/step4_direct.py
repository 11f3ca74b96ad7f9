# Ablation (Table 5, "2D"): pictures are read as they are, in place of step 4; no step 2
# and no step 3.
_base_ = ['./step4.py']

work_dir = 'work_dirs/tabletop/step4_direct'
load_from = 'work_dirs/tabletop/step1_scarce/epoch_24.pth'
model = dict(scene_transcender=None, train_given='4d')
