# Stage 2 of PSG4DFormer on Tabletop-4D: relations of the tubes that stage 1 gives.
#
#   python tools/train.py configs/psg4dformer/tabletop/relation.py
#   python tools/test.py configs/psg4dformer/tabletop/relation.py CHECKPOINT
_base_ = [
    '../../_base_/models/psg4dformer_mini.py',
    '../../_base_/models/query_tracker.py',
    '../../_base_/models/relation_head.py',
    '../../_base_/datasets/tabletop_videos.py',
    '../../_base_/schedules/tabletop_relation.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/psg4dformer_relation'

model = dict(
    type='PSG4DFormer',
    tracker=_base_.tracker,
    segmentor=dict(num_categories=_base_.num_categories),
    relation_head=dict(_base_.relation_head, num_predicates=19),
    training_tubes=dict(
        _base_.training_tubes,
        folder='work_dirs/tabletop/psg4dformer_segmentation/tubes',
    ),
    min_span=1,
)
load_from = 'work_dirs/tabletop/psg4dformer_segmentation/epoch_6.pth'
# The last alone: a training takes minutes.
default_hooks = dict(checkpoint=dict(interval=60))
