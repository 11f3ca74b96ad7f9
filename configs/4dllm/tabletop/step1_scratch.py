# Step 1 of 4D-LLM on Tabletop-4D, the simulated world, from random weights: the full
# recipe's form with smaller parts and another data set, for two CPU cores. step1.py
# begins with foundation weights, as the full recipe does.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/4dllm/tabletop/step1_scratch.py
_base_ = [
    '../../_base_/models/four_d_llm_any_size.py',
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/models/language_models/tiny_llama.py',
    '../../_base_/models/tube_decoders/sam2_mini.py',
    '../../_base_/datasets/psg4d_gta.py',
    '../../_base_/schedules/step1.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_scratch'

# The world's vocabulary tells predicates from categories when an answer is read.
categories = [
    'table', 'floor', 'wall', 'cube', 'ball', 'mug', 'duck', 'can', 'lego brick',
    'bottle', 'book', 'soccer ball', 'tray', 'teddy bear', 'bowl', 'domino', 'plate',
    'gripper', 'toy robot', 'cone', 'basket', 'jenga block', 'toy car', 'candle',
    'pyramid', 'lamp', 'mushroom', 'hammer', 'house',
]  # fmt: skip
predicates = [
    'on', 'in', 'stacked on', 'next to', 'to the left of', 'in front of', 'leaning on',
    'falling onto', 'falling into', 'rolling on', 'sliding on', 'hitting', 'pushing',
    'reaching for', 'holding', 'carrying', 'lifting', 'pulling', 'spinning on',
]  # fmt: skip
# The world names the left one of two neighbours first.
left_first = ['next to', 'to the left of']

# 24 frames a video, 192 x 144. The files are those of the full recipe.
data_root = 'data/tabletop/psg4d_gta/'
num_frames = 8
image_size = (144, 192)

train_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=image_size),
    dict(type='RandomHorizontalFlip', prob=0.5, swap_objects=left_first),
    dict(type='RandomColourJitter'),
    dict(type='OrderObjects', by_category=True),
    dict(type='PackSceneGraphInputs'),
]
test_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPanopticMasks', frames='all'),
    dict(type='ResizeFrames', size=image_size),
    dict(type='PackSceneGraphInputs'),
]
inference_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='ResizeFrames', size=image_size),
    dict(type='PackSceneGraphInputs'),
]
train_dataloader = dict(
    batch_size=4, dataset=dict(data_root=data_root, pipeline=train_pipeline)
)
val_dataloader = dict(
    batch_size=4,
    dataset=dict(data_root=data_root, split='val', pipeline=test_pipeline),
)
test_dataloader = val_dataloader

# One event a frame, so that nothing that changes is averaged away.
token_merging = dict(scales=(32, 8), max_events=num_frames)
model = dict(
    save_frozen=True,
    scene_encoder=dict(
        # Nothing is pretrained, so everything trains.
        frozen_encoders=False,
        rgb_encoder=dict(_base_.imagebind_mini['rgb_encoder'], checkpoint=None),
        depth_encoder=dict(_base_.imagebind_mini['depth_encoder'], checkpoint=None),
        depth_to_disparity=_base_.imagebind_mini['depth_to_disparity'],
        token_merging=token_merging,
    ),
    scene_graph_head=dict(
        language_model=_base_.tiny_llama,
        text_format=dict(
            categories=categories,
            predicates=predicates,
            decimals=2,
            instruction='Write the scene graph.',
        ),
        max_answer_tokens=512,
    ),
    tube_decoder=dict(**_base_.sam2_mini, max_train_frames=3, max_train_objects=4),
)

val_evaluator = dict(type='SceneGraphMetric', protocol='strict', topk=(20, 50, 100))
test_evaluator = val_evaluator

# Eight to twenty minutes on two cores, by the processor.
max_epochs = 10
optim_wrapper = dict(
    _delete_=True,
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-3, betas=(0.9, 0.98), weight_decay=0.05),
    paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0, bypass_duplicate=True),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=20),
    _base_.whole_cosine,
]
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
auto_scale_lr = dict(base_batch_size=4)
