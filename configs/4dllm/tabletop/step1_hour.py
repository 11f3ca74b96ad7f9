# As step1.py, six times as long: about two hours on two cores, by the processor.
# Scored four times.
#
#   python tools/train.py configs/4dllm/tabletop/step1_hour.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_hour'

train_cfg = dict(max_epochs=60, val_interval=15)
