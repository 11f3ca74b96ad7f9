# Stage 2 of PSG4DFormer on PSG4D-GTA: relations of the tubes of what stage 1 segments.
#
#   python tools/train.py configs/psg4dformer/relation_psg4d-gta.py
#   python tools/test.py configs/psg4dformer/relation_psg4d-gta.py CHECKPOINT
_base_ = [
    '../_base_/models/psg4dformer.py',
    '../_base_/models/query_tracker.py',
    '../_base_/models/relation_head.py',
    '../_base_/datasets/psg4d_gta_videos.py',
    '../_base_/schedules/relation.py',
    '../_base_/default_runtime.py',
    '../_base_/disparity.py',
]

model = dict(
    type='PSG4DFormer',
    tracker=_base_.tracker,
    segmentor=dict(
        num_categories=_base_.num_categories,
        depth_to_disparity=_base_.disparity['psg4d_gta'],
    ),
    relation_head=dict(_base_.relation_head, num_predicates=43),
    training_tubes=dict(
        _base_.training_tubes, folder='work_dirs/segmentation_psg4d-gta/tubes'
    ),
    min_span=3,
)
load_from = 'work_dirs/segmentation_psg4d-gta/epoch_12.pth'
