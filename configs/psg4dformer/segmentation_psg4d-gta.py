# Stage 1 of PSG4DFormer on PSG4D-GTA: it learns to segment frames.
#
#   python tools/train.py configs/psg4dformer/segmentation_psg4d-gta.py
#   python tools/test.py configs/psg4dformer/segmentation_psg4d-gta.py CHECKPOINT
#
# Needs data/psg4d_gta and checkpoints/resnet101_v1c-e67eebb6.pth.
_base_ = [
    '../_base_/models/psg4dformer.py',
    '../_base_/models/query_tracker.py',
    '../_base_/datasets/psg4d_gta_frames.py',
    '../_base_/schedules/segmentation.py',
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
)
