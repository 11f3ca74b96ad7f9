# Ablation of step1.py: colour alone, no depth is read.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_no_depth'

train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=_base_.image_size),
            dict(type='RandomHorizontalFlip', prob=0.5, swap_objects=_base_.left_first),
            dict(type='RandomColourJitter'),
            dict(type='OrderObjects', by_category=True),
            dict(type='PackSceneGraphInputs'),
        ]
    )
)
val_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='ResizeFrames', size=_base_.image_size),
            dict(type='PackSceneGraphInputs'),
        ]
    )
)
test_dataloader = val_dataloader
inference_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='PackSceneGraphInputs'),
]
