# As step1.py on 8 videos of a world with categories and predicates that no foundation
# weights have seen, so that labelled 4D scenes are scarce beside labelled images:
# what 2D-to-4D transfer (step2a.py to step5.py) is measured against.
#
#   python tools/make_tabletop.py --held-out --seed 3 --train 8 --test 20 --unseen 0 \
#       --out data/tabletop_held_out
#   python tools/train.py configs/4dllm/tabletop/step1_scarce.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop_held_out.py',
    '../../_base_/schedules/tabletop_scarce.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_scarce'
# Of few videos the masks of all are learned in every step.
model = dict(tube_decoder=dict(max_train_objects=6, train_share=1.0))
