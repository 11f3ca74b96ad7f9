# Ablation (Table 6, "3D"): step 4 begins with RGB-D images, whose frames to come are
# estimated by F_rte and F_dte; F_de is not needed where depth is known. Step 5 follows:
# row "from 3D" of configs/studies/psg4d_gta_transfer.py.
_base_ = [
    '../../_base_/cameras.py',
    '../../_base_/models/four_d_llm.py',
    '../../_base_/models/scene_transcender.py',
    '../../_base_/datasets/rgbd_images.py',
    '../../_base_/schedules/step4.py',
    '../../_base_/default_runtime.py',
]

load_from = 'work_dirs/step3_psg4d-gta/epoch_100.pth'
model = dict(
    scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_gta']),
    scene_transcender=dict(**_base_.scene_transcender, trains=[]),
    train_given='3d',
    test_given='3d',
)
# The paper does not tell it.
train_cfg = dict(max_epochs=20, val_interval=20)
