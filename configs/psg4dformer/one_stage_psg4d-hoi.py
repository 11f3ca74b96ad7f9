# One-stage PSG4DFormer on PSG4D-HOI, end to end.
#
#   python tools/train.py configs/psg4dformer/one_stage_psg4d-hoi.py
#   python tools/test.py configs/psg4dformer/one_stage_psg4d-hoi.py CHECKPOINT
#
# Needs data/psg4d_hoi and checkpoints/resnet101_v1c-e67eebb6.pth. It can begin with the
# segmentation of two stages: load_from=work_dirs/segmentation_psg4d-hoi/epoch_12.pth
_base_ = [
    '../_base_/models/psg4dformer.py',
    '../_base_/models/relation_head_one_stage.py',
    '../_base_/datasets/psg4d_hoi_clips.py',
    '../_base_/schedules/segmentation.py',
    '../_base_/default_runtime.py',
    '../_base_/disparity.py',
]

model = dict(
    type='PSG4DFormerOneStage',
    segmentor=dict(
        num_categories=_base_.num_categories,
        depth_to_disparity=_base_.disparity['psg4d_hoi'],
        head=dict(type='VideoQueryHead'),
    ),
    query_fusion=dict(type='QueryFusion'),
    relation_head=dict(_base_.relation_head, num_predicates=15),
    num_frames=32,
)
