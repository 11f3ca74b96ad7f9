# Pretraining of the mini SAM2, second stage: promptable segmentation of single frames.
#
#   python tools/train.py configs/foundation/tabletop/sam2_mini_features.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/sam2_mini_features.py \
#     work_dirs/foundation/sam2_mini_features \
#     --out work_dirs/foundation/sam2_mini_features/sam2.safetensors
#   python tools/train.py configs/foundation/tabletop/sam2_mini_image.py
_base_ = [
    '../../_base_/models/four_d_llm_any_size.py',
    '../../_base_/models/tube_decoders/sam2_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop.py',
    '../../_base_/default_runtime.py',
]
custom_imports = dict(imports=['mmfourdpsg', 'mmfourdpsg.pretraining'])

work_dir = 'work_dirs/foundation/sam2_mini_image'
data_root = 'data/tabletop_foundation/psg4d_gta/'

train_pipeline = [
    dict(type='SampleFrames', num_frames=1, jitter=True),
    dict(type='LoadRGBFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.6, prob=0.5),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='PackSceneGraphInputs'),
]
val_pipeline = [
    dict(type='SampleFrames', num_frames=1),
    dict(type='LoadRGBFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='PackSceneGraphInputs'),
]
train_dataloader = dict(
    batch_size=12, dataset=dict(data_root=data_root, pipeline=train_pipeline)
)
val_dataloader = dict(
    batch_size=4,
    # Targets at the sampled frames, as in training.
    dataset=dict(data_root=data_root, pipeline=val_pipeline, test_mode=False),
)
test_dataloader = val_dataloader
val_evaluator = dict(_delete_=True, type='PromptedSegmentationMetric')
test_evaluator = val_evaluator

model = dict(
    _delete_=True,
    type='PromptableSegmenter',
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    # Objects cover few pixels: with the usual alpha of 0.25 focal loss empties the
    # masks of a decoder that knows nothing yet.
    tube_decoder=dict(
        {
            **_base_.model.tube_decoder,
            **_base_.sam2_mini,
            # Fewer pixels than 4D-LLM gives it, but for the last stage, which is
            # grounding_fine.py.
            'sam2': dict(_base_.sam2_mini.sam2, image_size=128),
            'freeze': (),
            'loss_focal': dict(_base_.model.tube_decoder.loss_focal, alpha=0.75),
        },
        checkpoint='work_dirs/foundation/sam2_mini_features/sam2.safetensors',
        max_train_objects=5,
    ),
    kinds=dict(point=0.25, box=0.25, mask=0.1, embedding=0.4),
)

optim_wrapper = dict(
    optimizer=dict(lr=7e-4, weight_decay=0.02),
    paramwise_cfg=dict(bypass_duplicate=True),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=100),
    _base_.param_scheduler[1],
]
train_cfg = dict(max_epochs=24, val_interval=6)
auto_scale_lr = dict(base_batch_size=12)
