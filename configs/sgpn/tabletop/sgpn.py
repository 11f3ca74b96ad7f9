# SGPN (3DSSG) on Tabletop-4D: the full recipe with smaller parts and another data set,
# for two CPU cores, on the tubes that PSG4DFormer's segmentation finds.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/psg4dformer/tabletop/segmentation.py
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
    num_categories=_base_.num_categories,
    num_predicates=20,
    object_source=dict(
        type='PredictedObjects',
        config='configs/psg4dformer/tabletop/segmentation.py',
        checkpoint='work_dirs/tabletop/psg4dformer_segmentation/epoch_6.pth',
        folder='work_dirs/tabletop/psg4dformer_segmentation/objects',
    ),
)
