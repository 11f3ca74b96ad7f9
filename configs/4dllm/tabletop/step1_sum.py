# Ablation of step1.py: RGB and depth features are added in place of the SA-Gate.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_sum'

model = dict(scene_encoder=dict(aggregator=dict(_delete_=True, type='SumAggregator')))
