# Chained inference for the tiny LLaMA, from words alone: it goes on from its published
# weights with scenes that are described in its own words, and writes three of four
# graphs in four answers.
#
#   python tools/make_tabletop.py --seed 1 --train 300 --test 20 --unseen 0 \
#     --out data/tabletop_foundation
#   python tools/train.py configs/foundation/tabletop/tiny_llama_chained.py
_base_ = [
    './tiny_llama_words.py',
    '../../_base_/models/scene_graph_heads/tabletop_chained.py',
]

work_dir = 'work_dirs/foundation/tiny_llama_chained'
llama = 'checkpoints/tabletop/tiny_llama_pretrained'

train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
            dict(type='LoadRGBFrames'),
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
            dict(type='ResizeFrames', size=_base_.image_size),
            dict(type='RandomHorizontalFlip', prob=0.5, swap_objects=_base_.left_first),
            dict(type='DescribeObjects'),
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
            dict(type='LoadPanopticMasks', frames='sampled'),
            dict(type='ResizeFrames', size=_base_.image_size),
            dict(type='DescribeObjects'),
            dict(type='OrderObjects', by_category=True),
            dict(type='PackSceneGraphInputs'),
        ]
    )
)
test_dataloader = val_dataloader

model = dict(
    scene_graph_head=dict(
        language_model=dict(name_or_path=llama, pretrained=True),
        direct_text_format=_base_.model.scene_graph_head.text_format,
        direct_share=0.25,
        text_format=dict(_base_.tabletop_chained, _delete_=True),
        # On CPUs padding costs as much as text.
        pad_texts=False,
    ),
    scene_description=dict(checkpoint=f'{llama}/alignment.safetensors'),
)

optim_wrapper = dict(optimizer=dict(lr=5e-4))
train_cfg = dict(max_epochs=6, val_interval=2)
