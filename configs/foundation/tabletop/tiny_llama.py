# Pretraining of the tiny LLaMA, third stage: as the second, and the state behind [Obj]
# is drawn to SAM2's own embedding of the object's place.
#
#   python tools/train.py configs/foundation/tabletop/tiny_llama_names.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/tiny_llama_names.py \
#     work_dirs/foundation/tiny_llama_names \
#     --out work_dirs/foundation/tiny_llama_names/weights
#   python tools/train.py configs/foundation/tabletop/sam2_mini.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/sam2_mini.py work_dirs/foundation/sam2_mini \
#     --out checkpoints/tabletop/sam2_mini.safetensors \
#     --places work_dirs/foundation/sam2_mini/places.safetensors
#   python tools/train.py configs/foundation/tabletop/tiny_llama.py
_base_ = ['./tiny_llama_names.py']

work_dir = 'work_dirs/foundation/tiny_llama'

weights = 'work_dirs/foundation/tiny_llama_names/weights'
alignment = f'{weights}/alignment.safetensors'

model = dict(
    scene_graph_head=dict(
        language_model=dict(name_or_path=weights),
        projector=dict(checkpoint=alignment),
    ),
    scene_description=dict(token_merging=dict(checkpoint=alignment)),
    places='work_dirs/foundation/sam2_mini/places.safetensors',
    prompt_channels=_base_.sam2_mini.sam2.embed_dims,
    prompt_weight=5.0,
)

max_epochs = 3
optim_wrapper = dict(optimizer=dict(lr=7e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=30),
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
train_cfg = dict(max_epochs=max_epochs, val_interval=1)
