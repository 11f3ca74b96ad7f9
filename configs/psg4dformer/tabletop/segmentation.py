# Stage 1 of PSG4DFormer on Tabletop-4D, from random weights: the full recipe with
# smaller parts and another data set, for two CPU cores.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/psg4dformer/tabletop/segmentation.py
#   python tools/test.py configs/psg4dformer/tabletop/segmentation.py CHECKPOINT
_base_ = [
    '../../_base_/models/psg4dformer_mini.py',
    '../../_base_/models/query_tracker.py',
    '../../_base_/datasets/tabletop_frames.py',
    '../../_base_/schedules/tabletop_segmentation.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/psg4dformer_segmentation'

model = dict(
    type='PSG4DFormer',
    tracker=_base_.tracker,
    segmentor=dict(num_categories=_base_.num_categories),
)
