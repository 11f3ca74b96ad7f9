# Pretraining of the tiny LLaMA and SAM2 together: grounding. What stands
# behind `[Obj]` and the SAM2 that it prompts learn from each other to find the objects
# of a list, in two frames of a video at a time. Graphs are still read from words alone.
#
#   python tools/train.py configs/foundation/tabletop/tiny_llama.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/tiny_llama.py work_dirs/foundation/tiny_llama \
#     --out work_dirs/foundation/tiny_llama/weights
#   python tools/train.py configs/foundation/tabletop/grounding.py
_base_ = ['./tiny_llama.py', '../../_base_/models/grounding.py']

work_dir = 'work_dirs/foundation/grounding'

aligned = 'work_dirs/foundation/tiny_llama/weights'
alignment = f'{aligned}/alignment.safetensors'

val_evaluator = [
    *_base_.val_evaluator,
    dict(type='PromptedSegmentationMetric', prefix='obj'),
]
test_evaluator = val_evaluator

model = dict(
    **_base_.grounding,
    scene_encoder=dict(
        aggregator=dict(checkpoint=alignment),
        token_merging=dict(checkpoint=alignment),
    ),
    scene_graph_head=dict(
        language_model=dict(name_or_path=aligned), projector=dict(checkpoint=alignment)
    ),
    scene_description=dict(checkpoint=alignment),
    prompt_losses=dict(
        **_base_.grounding_losses,
        tube_decoder=dict(freeze=(), prompt_checkpoint=alignment, max_train_objects=6),
    ),
)

optim_wrapper = dict(optimizer=dict(lr=6e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=50),
    _base_.param_scheduler[1],
]
train_cfg = dict(max_epochs=5)
