# Ablation of step1.py: colour alone, no depth is read.
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_no_depth'
published_checkpoint = None

train_pipeline = [
    item for item in _base_.train_pipeline if item['type'] != 'LoadDepthFrames'
]
test_pipeline = [
    item for item in _base_.test_pipeline if item['type'] != 'LoadDepthFrames'
]
inference_pipeline = [
    item for item in _base_.inference_pipeline if item['type'] != 'LoadDepthFrames'
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
