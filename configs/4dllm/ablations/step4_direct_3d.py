# Ablation (Table 5, "3D"): RGB-D images are read as they are, in place of steps 2 to
# 4. Step 5 follows from its checkpoint: row "3D directly" of
# configs/studies/psg4d_gta_transfer.py.
#
# Needs data/rgbd_pictures, which one command makes of PSG4D's videos: see
# _base_/datasets/rgbd_images.py. Images of another camera need another
# model.scene_encoder.depth_to_disparity.
_base_ = [
    '../../_base_/cameras.py',
    '../../_base_/models/four_d_llm.py',
    '../../_base_/datasets/rgbd_images.py',
    '../../_base_/schedules/step4.py',
    '../../_base_/default_runtime.py',
]

load_from = 'work_dirs/step1_psg4d-gta/epoch_300.pth'
model = dict(scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_gta']))
# The paper does not tell it.
train_cfg = dict(max_epochs=20, val_interval=20)
