# Step 5 on Tabletop-4D: step 1 again from step 4's checkpoint.
#
#   python tools/train.py configs/4dllm/tabletop/step5.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop_held_out.py',
    '../../_base_/schedules/tabletop_scarce.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step5'
load_from = 'work_dirs/tabletop/step4/epoch_3.pth'
# Of few videos the masks of all are learned in every step.
model = dict(tube_decoder=dict(max_train_objects=6, train_share=1.0))
