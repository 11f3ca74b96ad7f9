# One-stage PSG4DFormer on features of scenes (paper, Table 11), fine-tuned on PSG4D-HOI
# after the images of one_stage_transfer_vg_psg_hoi.py. Outputs of names that both have
# are taken over.
#
#   python tools/train.py configs/psg4dformer/one_stage_transfer_psg4d-hoi.py
#   python tools/test.py configs/psg4dformer/one_stage_transfer_psg4d-hoi.py CHECKPOINT
#
# Needs data/psg4d_hoi, ImageBind-huge and that checkpoint.
_base_ = [
    '../_base_/models/psg4dformer.py',
    '../_base_/models/scene_features.py',
    '../_base_/datasets/psg4d_hoi_clips.py',
    '../_base_/schedules/segmentation.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
]

model = dict(
    **_base_.scene_features,
    frame_encoder=dict(
        _base_.imagebind_huge,
        depth_to_disparity=dict(
            _base_.imagebind_huge['depth_to_disparity'], **_base_.cameras['psg4d_hoi']
        ),
    ),
    segmentor=dict(
        _base_.scene_features_segmentor, num_categories=_base_.num_categories
    ),
    relation_head=dict(_base_.relation_head, num_predicates=15),
)
load_from = 'work_dirs/one_stage_transfer_vg_psg_hoi/epoch_3.pth'

# No backbone is pretrained but the frozen encoder.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=1.0))))
