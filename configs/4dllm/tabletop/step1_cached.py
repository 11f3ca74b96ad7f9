# As step1.py, with the features of the frozen encoders kept on disk. Pictures are not
# augmented, or none would come twice.
#
#   python tools/train.py configs/4dllm/tabletop/step1_cached.py
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_cached'

cached_pipeline = [
    step
    for step in _base_.train_pipeline
    if step['type']
    not in ('RandomCropFrames', 'RandomHorizontalFlip', 'RandomColourJitter')
]
train_dataloader = dict(dataset=dict(pipeline=cached_pipeline))
model = dict(
    scene_encoder=dict(
        feature_cache=dict(type='FeatureCache', folder='work_dirs/tabletop/features')
    )
)
