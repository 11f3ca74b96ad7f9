# One-stage PSG4DFormer on Tabletop-4D, end to end and from random weights: about half
# an hour of one core.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/psg4dformer/tabletop/one_stage.py
#   python tools/test.py configs/psg4dformer/tabletop/one_stage.py CHECKPOINT
_base_ = [
    '../../_base_/models/psg4dformer_mini.py',
    '../../_base_/models/relation_head_one_stage.py',
    '../../_base_/datasets/tabletop_clips.py',
    '../../_base_/schedules/tabletop_segmentation.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/psg4dformer_one_stage'

model = dict(
    type='PSG4DFormerOneStage',
    segmentor=dict(
        num_categories=_base_.num_categories, head=dict(type='VideoQueryHead')
    ),
    query_fusion=dict(type='QueryFusion'),
    relation_head=dict(_base_.relation_head, num_predicates=19),
    num_frames=16,
)
train_cfg = dict(max_epochs=4, val_interval=4)
