# Ablation "w/o d" of segmentation.py: one stream, which sees RGB alone.
#
#   python tools/train.py configs/psg4dformer/tabletop/segmentation_wo_d.py
#   python tools/test.py configs/psg4dformer/tabletop/segmentation_wo_d.py CHECKPOINT
_base_ = [
    '../../_base_/models/psg4dformer_mini.py',
    '../../_base_/models/query_tracker.py',
    '../../_base_/datasets/tabletop_frames.py',
    '../../_base_/schedules/tabletop_segmentation.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/psg4dformer_segmentation_wo_d'

model = dict(
    type='PSG4DFormer',
    tracker=_base_.tracker,
    segmentor=dict(
        num_categories=_base_.num_categories,
        backbone=dict(depth_stream=None),
        depth_to_disparity=None,
    ),
)
