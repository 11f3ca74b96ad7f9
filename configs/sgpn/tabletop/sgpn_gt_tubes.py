# SGPN (3DSSG) on Tabletop-4D, tested on annotated tubes: how well it relates objects
# that are given. It trains as sgpn.py does, so either tests the other's checkpoint.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/sgpn/tabletop/sgpn_gt_tubes.py
#   python tools/test.py configs/sgpn/tabletop/sgpn_gt_tubes.py CHECKPOINT
_base_ = [
    '../../_base_/models/sgpn_mini.py',
    '../../_base_/datasets/tabletop_points.py',
    '../../_base_/schedules/tabletop_sgpn.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/sgpn_gt_tubes'
model = dict(
    num_categories=_base_.num_categories,
    num_predicates=20,
    object_source=dict(type='GroundTruthObjects'),
)
