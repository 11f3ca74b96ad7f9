# Pretraining of the tiny LLaMA, second stage: alignment with images. It lists the
# objects of scenes that it sees, prompts SAM2 for each, and goes on to write the graphs
# of scenes that are described in words; relations in images are left to step 1.
#
#   python tools/train.py configs/foundation/tabletop/imagebind_mini.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/imagebind_mini.py \
#     work_dirs/foundation/imagebind_mini \
#     --out checkpoints/tabletop/imagebind_mini.safetensors
#   python tools/model_converters/export_name_embeddings.py \
#     configs/foundation/tabletop/imagebind_mini.py \
#     checkpoints/tabletop/imagebind_mini.safetensors \
#     --out work_dirs/foundation/imagebind_mini/names.safetensors
#   python tools/train.py configs/foundation/tabletop/tiny_llama_words.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/tiny_llama_words.py \
#     work_dirs/foundation/tiny_llama_words \
#     --out work_dirs/foundation/tiny_llama_words/weights
#   python tools/train.py configs/foundation/tabletop/sam2_mini.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/sam2_mini.py work_dirs/foundation/sam2_mini \
#     --out work_dirs/foundation/sam2_mini/sam2.safetensors \
#     --prompts work_dirs/foundation/sam2_mini/prompts.safetensors
#   python tools/train.py configs/foundation/tabletop/tiny_llama.py
_base_ = [
    '../../_base_/models/four_d_llm_any_size.py',
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/models/scene_graph_heads/tabletop.py',
    '../../_base_/models/scene_graph_heads/tabletop_chained.py',
    '../../_base_/models/tube_decoders/sam2_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop.py',
    '../../_base_/default_runtime.py',
]
custom_imports = dict(imports=['mmfourdpsg', 'mmfourdpsg.pretraining'])

work_dir = 'work_dirs/foundation/tiny_llama'
data_root = 'data/tabletop_foundation/psg4d_gta/'
clips_root = 'data/tabletop_foundation_clips/psg4d_gta/'
weights = 'work_dirs/foundation/tiny_llama_words/weights'

test_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='DescribeObjects'),
    dict(type='OrderObjects', by_category=True),
    dict(type='PackSceneGraphInputs'),
]
train_dataset = dict(
    _base_.train_dataloader.dataset,
    data_root=data_root,
    pipeline=[
        *_base_.train_dataloader.dataset.pipeline[:-2],
        dict(type='DescribeObjects'),
        *_base_.train_dataloader.dataset.pipeline[-2:],
    ],
)
train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[train_dataset, dict(train_dataset, data_root=clips_root)],
        # Short videos do not show everything that may happen.
        ignore_keys='predicates',
    ),
)
val_dataloader = dict(
    batch_size=8,
    dataset=dict(data_root=data_root, pipeline=test_pipeline, test_mode=False),
)
test_dataloader = val_dataloader
val_evaluator = [
    dict(type='SceneGraphTextMetric', key='caption_likelihood', prefix='caption'),
    dict(type='SceneGraphTextMetric'),
]
test_evaluator = val_evaluator

model = dict(
    _delete_=True,
    type='SceneCaptionPretrainer',
    data_preprocessor=_base_.model.data_preprocessor,
    scene_encoder={
        **_base_.model.scene_encoder,
        **_base_.imagebind_mini,
        'token_merging': dict(
            type='DPCKNNTokenMerging', scales=(32, 8), max_events=_base_.num_frames
        ),
    },
    scene_graph_head=dict(
        _base_.model.scene_graph_head,
        prompt_with='all',
        language_model=dict(
            type='CausalLanguageModel', name_or_path=weights, pretrained=True
        ),
        text_format=_base_.tabletop_chained,
        direct_text_format=dict(
            _base_.model.scene_graph_head.text_format,
            **_base_.tabletop_head.text_format,
        ),
        direct_share=0.5,
        # On CPUs padding costs as much as text.
        pad_texts=False,
        max_answer_tokens=_base_.tabletop_head.max_answer_tokens,
    ),
    scene_description=dict(
        type='DescribedScene',
        embed_dims=256,
        checkpoint=f'{weights}/alignment.safetensors',
    ),
    named_patches=dict(names='work_dirs/foundation/imagebind_mini/names.safetensors'),
    place_loss=dict(num_frames=_base_.num_frames, place_weight=10.0),
    prompt_losses=dict(
        tube_decoder={
            **_base_.model.tube_decoder,
            **_base_.sam2_mini,
            'sam2': dict(_base_.sam2_mini.sam2, image_size=128),
            'checkpoint': 'work_dirs/foundation/sam2_mini/sam2.safetensors',
            'freeze': ('image_encoder',),
            'loss_focal': dict(_base_.model.tube_decoder.loss_focal, alpha=0.75),
            'max_train_frames': 2,
            'max_train_objects': 4,
        },
        object_embedding='work_dirs/foundation/sam2_mini/prompts.safetensors',
        prompt_weight=0.5,
    ),
    num_described=4,
    align_weight=5.0,
    align_steps=2000,
)

optim_wrapper = dict(
    optimizer=dict(lr=1e-3),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.5)},
        bypass_duplicate=True,
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=30),
    _base_.param_scheduler[1],
]
train_cfg = dict(max_epochs=2, val_interval=1)
auto_scale_lr = dict(base_batch_size=8)
