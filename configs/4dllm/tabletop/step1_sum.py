# Ablation of step1.py: RGB and depth features are added in place of the SA-Gate.
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_sum'
published_checkpoint = None

model = dict(scene_encoder=dict(aggregator=dict(_delete_=True, type='SumAggregator')))
