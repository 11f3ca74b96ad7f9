# One-stage PSG4DFormer on features of scenes, fine-tuned on few 4D videos of
# Tabletop-4D after the images of one_stage_transfer_vg_psg.py.
#
#   python tools/make_tabletop.py --held-out --seed 3 --train 8 --test 20 --unseen 0 \
#       --out data/tabletop_held_out
#   python tools/train.py configs/psg4dformer/tabletop/one_stage_transfer.py
#   python tools/test.py configs/psg4dformer/tabletop/one_stage_transfer.py CHECKPOINT
_base_ = [
    '../../_base_/models/psg4dformer_mini.py',
    '../../_base_/models/relation_head_one_stage.py',
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/datasets/tabletop_clips.py',
    '../../_base_/schedules/tabletop_segmentation.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/psg4dformer_one_stage_transfer'

model = dict(
    type='PSG4DFormerTransfer',
    save_frozen=False,
    frame_encoder=_base_.imagebind_mini,
    aggregator=dict(type='SAGate'),
    segmentor=dict(
        num_categories=_base_.num_categories,
        backbone=dict(_delete_=True, type='SceneFeaturePyramid', out_channels=96),
        depth_to_disparity=None,
        head=dict(type='VideoQueryHead'),
    ),
    query_fusion=dict(type='QueryFusion'),
    relation_head=dict(_base_.relation_head, num_predicates=19),
    num_frames=16,
)
load_from = 'work_dirs/tabletop/psg4dformer_one_stage_transfer_vg_psg/epoch_3.pth'

data_root = 'data/tabletop_held_out/psg4d_gta/'
# Eight videos: an epoch sees each thirty times.
train_dataloader = dict(dataset=dict(times=30, dataset=dict(data_root=data_root)))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader
