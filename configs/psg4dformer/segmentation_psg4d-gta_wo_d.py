# Ablation "w/o d", stage 1 on PSG4D-GTA: one stream, which sees RGB alone.
#
#   python tools/train.py configs/psg4dformer/segmentation_psg4d-gta_wo_d.py
#   python tools/test.py configs/psg4dformer/segmentation_psg4d-gta_wo_d.py CHECKPOINT
_base_ = [
    '../_base_/models/psg4dformer.py',
    '../_base_/models/query_tracker.py',
    '../_base_/datasets/psg4d_gta_frames.py',
    '../_base_/schedules/segmentation.py',
    '../_base_/default_runtime.py',
]

model = dict(
    type='PSG4DFormer',
    tracker=_base_.tracker,
    segmentor=dict(
        num_categories=_base_.num_categories,
        backbone=dict(depth_stream=None),
        depth_to_disparity=None,
    ),
)
