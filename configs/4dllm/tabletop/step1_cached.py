# As step1.py, with the features of the frozen encoders kept on disk, in half precision:
# 74 kB a frame. Frames are mirrored at random, which doubles what is kept, and not
# augmented otherwise, or none would come twice.
#
#   python tools/train.py configs/4dllm/tabletop/step1_cached.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_cached'
published_checkpoint = 'checkpoints/4dllm/tabletop_step1.safetensors'

train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames'),
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(type='ResizeFrames', size=_base_.image_size),
            dict(type='RandomHorizontalFlip', prob=0.5, swap_objects=_base_.left_first),
            dict(type='OrderObjects', by_category=True),
            dict(type='PackSceneGraphInputs'),
        ]
    )
)
model = dict(
    scene_encoder=dict(
        feature_cache=dict(
            type='FeatureCache', folder='work_dirs/tabletop/features', dtype='float16'
        )
    )
)
