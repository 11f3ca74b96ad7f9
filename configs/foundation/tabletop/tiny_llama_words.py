# Pretraining of the tiny LLaMA, first stage: scene graphs from scenes that are
# described in its own words, with times and places as numbers. Seven of ten graphs
# are written in one answer, the others in four (chained inference).
#
#   python tools/make_tabletop.py --seed 1 --train 900 --test 40 --unseen 0 \
#     --out data/tabletop_foundation
#   python tools/train.py configs/foundation/tabletop/tiny_llama_words.py
_base_ = [
    '../../_base_/models/four_d_llm_any_size.py',
    '../../_base_/models/language_models/tiny_llama.py',
    '../../_base_/models/scene_graph_heads/tabletop.py',
    '../../_base_/models/scene_graph_heads/tabletop_chained.py',
    '../../_base_/models/scene_graph_heads/tabletop_token_weights.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop.py',
    '../../_base_/default_runtime.py',
]
custom_imports = dict(imports=['mmfourdpsg', 'mmfourdpsg.pretraining'])

work_dir = 'work_dirs/foundation/tiny_llama_words'
data_root = 'data/tabletop_foundation/psg4d_gta/'

train_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
    dict(type='LoadRGBFrames'),
    # Descriptions tell of depth, as those of step 1 do.
    dict(type='LoadDepthFrames'),
    dict(type='LoadPanopticMasks', frames='sampled'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=_base_.image_size),
    dict(type='RandomHorizontalFlip', prob=0.5, swap_objects=_base_.left_first),
    dict(type='DescribeObjects'),
    dict(type='OrderObjects', by_category=True),
    dict(type='PackSceneGraphInputs'),
]
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
train_dataloader = dict(
    batch_size=6, dataset=dict(data_root=data_root, pipeline=train_pipeline)
)
val_dataloader = dict(
    batch_size=8,
    dataset=dict(data_root=data_root, pipeline=test_pipeline, test_mode=False),
)
test_dataloader = val_dataloader
val_evaluator = dict(_delete_=True, type='SceneGraphTextMetric')
test_evaluator = val_evaluator

model = dict(
    _delete_=True,
    type='SceneGraphTextPretrainer',
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    scene_graph_head=dict(
        _base_.model.scene_graph_head,
        prompt_with='all',
        language_model=_base_.tiny_llama,
        text_format=_base_.tabletop_chained,
        direct_text_format=dict(
            _base_.model.scene_graph_head.text_format,
            **_base_.tabletop_head.text_format,
        ),
        # Graphs in one answer are a third as long.
        direct_share=0.7,
        decoder=dict(search=_base_.tabletop_head.decoder.search),
        token_weights=_base_.tabletop_token_weights,
        max_answer_tokens=_base_.tabletop_head.max_answer_tokens,
        # On CPUs padding costs as much as text.
        pad_texts=False,
    ),
    scene_description=dict(
        type='DescribedScene', embed_dims=256, drop=0.1, repeat=0.1, noise=0.01
    ),
    place_loss=dict(num_frames=_base_.num_frames, place_weight=10.0),
)

optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=dict(bypass_duplicate=True))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=100),
    _base_.param_scheduler[1],
]
train_cfg = dict(max_epochs=20, val_interval=2)
