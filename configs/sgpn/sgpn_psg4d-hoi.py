# SGPN (3DSSG) on PSG4D-HOI, on the tubes that PSG4DFormer's segmentation finds.
#
#   python tools/train.py configs/sgpn/sgpn_psg4d-hoi.py
#   python tools/test.py configs/sgpn/sgpn_psg4d-hoi.py CHECKPOINT
#
# Needs data/psg4d_hoi, and for validation and tests the checkpoint of
# psg4dformer/segmentation_psg4d-hoi.py.
_base_ = [
    '../_base_/models/sgpn.py',
    '../_base_/datasets/psg4d_hoi_points.py',
    '../_base_/schedules/sgpn.py',
    '../_base_/default_runtime.py',
]

model = dict(
    num_categories=_base_.num_categories,
    num_predicates=15,
    object_source=dict(
        type='PredictedObjects',
        config='configs/psg4dformer/segmentation_psg4d-hoi.py',
        checkpoint='work_dirs/segmentation_psg4d-hoi/epoch_12.pth',
        folder='work_dirs/segmentation_psg4d-hoi/objects',
    ),
)
# An epoch has 44 times as many videos as one of PSG4D-GTA.
train_cfg = dict(max_epochs=20, val_interval=20)
