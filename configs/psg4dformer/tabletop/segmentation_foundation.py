# Stage 1 of PSG4DFormer on the scenes of the foundation weights that the mini 4D-LLM
# begins with, so that a row of PSG4DFormer can begin with as much.
#
#   python tools/make_tabletop.py --seed 1 --train 900 --test 40 --unseen 0 \
#       --out data/tabletop_foundation
#   python tools/train.py configs/psg4dformer/tabletop/segmentation_foundation.py
#
# Other configs begin with its checkpoint by an option (README.md, "Begun with more").
_base_ = [
    '../../_base_/models/psg4dformer_mini.py',
    '../../_base_/models/query_tracker.py',
    '../../_base_/datasets/tabletop_frames.py',
    '../../_base_/schedules/tabletop_segmentation.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/psg4dformer_segmentation_foundation'

model = dict(
    type='PSG4DFormer',
    tracker=_base_.tracker,
    segmentor=dict(num_categories=_base_.num_categories),
)

data_root = 'data/tabletop_foundation/psg4d_gta/'
# Of 900 videos an epoch sees three frames of each: about as many steps as
# segmentation.py has of 200 videos.
train_dataloader = dict(dataset=dict(times=1, dataset=dict(data_root=data_root)))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader
