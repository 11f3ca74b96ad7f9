# SGPN (3DSSG) on PSG4D-GTA, on the tubes that PSG4DFormer's segmentation finds.
#
#   python tools/train.py configs/sgpn/sgpn_psg4d-gta.py
#   python tools/test.py configs/sgpn/sgpn_psg4d-gta.py CHECKPOINT
#
# Needs data/psg4d_gta, and for validation and tests the checkpoint of
# psg4dformer/segmentation_psg4d-gta.py.
_base_ = [
    '../_base_/models/sgpn.py',
    '../_base_/datasets/psg4d_gta_points.py',
    '../_base_/schedules/sgpn.py',
    '../_base_/default_runtime.py',
]

model = dict(
    num_categories=_base_.num_categories,
    num_predicates=43,
    object_source=dict(
        type='PredictedObjects',
        config='configs/psg4dformer/segmentation_psg4d-gta.py',
        checkpoint='work_dirs/segmentation_psg4d-gta/epoch_12.pth',
        folder='work_dirs/segmentation_psg4d-gta/objects',
    ),
)
