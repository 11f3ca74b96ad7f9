# Ablation of step1.py: no memory between the frames of a training step.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_no_memory'

model = dict(tube_decoder=dict(train_memory=False))
