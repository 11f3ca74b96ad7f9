# Pretraining of the tiny LLaMA, second stage: scene graphs from scenes whose patches
# hold names in the space of ImageBind's features, so that token merging and projector
# are those of 4D-LLM. No picture is seen.
#
#   python tools/train.py configs/foundation/tabletop/imagebind_mini.py
#   python tools/model_converters/export_name_embeddings.py \
#     configs/foundation/tabletop/imagebind_mini.py \
#     work_dirs/foundation/imagebind_mini \
#     --out checkpoints/tabletop/imagebind_mini_names.safetensors
#   python tools/train.py configs/foundation/tabletop/tiny_llama_words.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/tiny_llama_words.py \
#     work_dirs/foundation/tiny_llama_words \
#     --out work_dirs/foundation/tiny_llama_words/weights
#   python tools/train.py configs/foundation/tabletop/tiny_llama_names.py
_base_ = ['./tiny_llama_words.py']

work_dir = 'work_dirs/foundation/tiny_llama_names'

model = dict(
    scene_graph_head=dict(
        language_model=dict(
            name_or_path='work_dirs/foundation/tiny_llama_words/weights',
            pretrained=True,
        ),
    ),
    scene_description=dict(
        _delete_=True,
        type='NamedScene',
        names='checkpoints/tabletop/imagebind_mini_names.safetensors',
        token_merging=dict(type='DPCKNNTokenMerging', **_base_.token_merging),
        grid_size=(9, 9),
    ),
)

max_epochs = 4
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=50),
    dict(
        type='CosineAnnealingLR',
        by_epoch=True,
        begin=0,
        T_max=max_epochs,
        end=max_epochs,
        eta_min=0.0,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(max_epochs=max_epochs, val_interval=2)
