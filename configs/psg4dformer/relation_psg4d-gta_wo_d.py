# Ablation "w/o d", stage 2 on PSG4D-GTA: of what stage 1 without depth segments.
#
#   python tools/train.py configs/psg4dformer/relation_psg4d-gta_wo_d.py
#   python tools/test.py configs/psg4dformer/relation_psg4d-gta_wo_d.py CHECKPOINT
_base_ = [
    '../_base_/models/psg4dformer.py',
    '../_base_/models/query_tracker.py',
    '../_base_/models/relation_head.py',
    '../_base_/datasets/psg4d_gta_videos.py',
    '../_base_/schedules/relation.py',
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
    relation_head=dict(_base_.relation_head, num_predicates=43),
    training_tubes=dict(
        _base_.training_tubes, folder='work_dirs/segmentation_psg4d-gta_wo_d/tubes'
    ),
    min_span=3,
)
load_from = 'work_dirs/segmentation_psg4d-gta_wo_d/epoch_12.pth'
