# SGPN (3DSSG) on Tabletop-4D, on the tubes that PSG4DFormer's segmentation finds.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/sgpn/tabletop/sgpn.py
#   python tools/test.py configs/sgpn/tabletop/sgpn.py CHECKPOINT
_base_ = [
    '../../_base_/models/sgpn_mini.py',
    '../../_base_/datasets/tabletop_points.py',
    '../../_base_/schedules/tabletop_sgpn.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/sgpn'
model = dict(
    num_categories=29,
    num_predicates=19,
    object_source=dict(type='FileObjects', path='outputs/tabletop_tubes.json'),
)
