# Grounding, last stage: SAM2 gets more pixels, since small things are lost in few.
#
#   python tools/train.py configs/foundation/tabletop/grounding.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/grounding.py work_dirs/foundation/grounding \
#     --out work_dirs/foundation/grounding/weights \
#     --sam2 work_dirs/foundation/grounding/sam2.safetensors
#   python tools/train.py configs/foundation/tabletop/grounding_fine.py
#
# With --amp it takes three quarters of the time on processors that have instructions
# for bfloat16.
_base_ = ['./tiny_llama.py', '../../_base_/models/grounding.py']

work_dir = 'work_dirs/foundation/grounding_fine'

grounded = 'work_dirs/foundation/grounding/weights'
alignment = f'{grounded}/alignment.safetensors'

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
        language_model=dict(name_or_path=grounded), projector=dict(checkpoint=alignment)
    ),
    scene_description=dict(checkpoint=alignment),
    prompt_losses=dict(
        **_base_.grounding_losses,
        tube_decoder=dict(
            # As many as 4D-LLM gives it.
            sam2=_base_.sam2_mini.sam2,
            checkpoint='work_dirs/foundation/grounding/sam2.safetensors',
            freeze=(),
            prompt_checkpoint=alignment,
            max_train_objects=6,
        ),
    ),
    num_described=6,
)

optim_wrapper = dict(optimizer=dict(lr=3.5e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=50),
    _base_.param_scheduler[1],
]
