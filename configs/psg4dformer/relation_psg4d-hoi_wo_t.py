# Ablation "w/o t" on PSG4D-HOI: relations of each frame by itself. Stage 1 is that of
# the whole model, and so are the tubes.
#
#   python tools/train.py configs/psg4dformer/relation_psg4d-hoi_wo_t.py
#   python tools/test.py configs/psg4dformer/relation_psg4d-hoi_wo_t.py CHECKPOINT
_base_ = [
    '../_base_/models/psg4dformer.py',
    '../_base_/models/query_tracker.py',
    '../_base_/models/relation_head.py',
    '../_base_/datasets/psg4d_hoi_videos.py',
    '../_base_/schedules/relation.py',
    '../_base_/default_runtime.py',
    '../_base_/disparity.py',
]

without_time = dict(_base_.encoder, temporal_layers=0)
model = dict(
    type='PSG4DFormer',
    tracker=_base_.tracker,
    segmentor=dict(
        num_categories=_base_.num_categories,
        depth_to_disparity=_base_.disparity['psg4d_hoi'],
    ),
    relation_head=dict(
        _base_.relation_head,
        num_predicates=15,
        subject_encoder=without_time,
        object_encoder=without_time,
    ),
    training_tubes=dict(
        _base_.training_tubes, folder='work_dirs/segmentation_psg4d-hoi/tubes'
    ),
    min_span=3,
)
load_from = 'work_dirs/segmentation_psg4d-hoi/epoch_12.pth'
