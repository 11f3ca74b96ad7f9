# Stage 1 of PSG4DFormer on scenes of the foundation weights that the mini 4D-LLM begins
# with, so that a row of PSG4DFormer can begin with more than random weights, too.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/make_tabletop.py --seed 4 --frames 8 --train 450 --test 0 --unseen 0 \
#       --out data/tabletop_foundation_clips
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

# The first ones, where tools/pretrain_all.sh has made its 1,600.
clips = dict(data_root='data/tabletop_foundation_clips/psg4d_gta/', indices=450)
# An epoch sees three frames of each of them twice: about as many steps as
# segmentation.py has.
train_dataloader = dict(dataset=dict(times=2, dataset=clips))
