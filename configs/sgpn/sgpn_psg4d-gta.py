# SGPN (3DSSG) on PSG4D-GTA, on the tubes that PSG4DFormer's segmentation finds.
#
#   python tools/train.py configs/sgpn/sgpn_psg4d-gta.py
#   python tools/test.py configs/sgpn/sgpn_psg4d-gta.py CHECKPOINT
#
# Needs data/psg4d_gta, and in tests a file of tubes (README.md).
_base_ = [
    '../_base_/models/sgpn.py',
    '../_base_/datasets/psg4d_gta_points.py',
    '../_base_/schedules/sgpn.py',
    '../_base_/default_runtime.py',
]

model = dict(
    num_categories=35,
    num_predicates=43,
    object_source=dict(type='FileObjects', path='outputs/psg4d_gta_tubes.json'),
)
