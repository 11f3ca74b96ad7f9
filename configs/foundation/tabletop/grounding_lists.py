# Grounding, lists of whole videos: what 4D-LLM will see, eight frames, in every step,
# and masks of few objects, while SAM2's image encoder stays as it is. About twenty
# minutes of one core.
#
#   python tools/train.py configs/foundation/tabletop/grounding_fine.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/grounding_fine.py \
#     work_dirs/foundation/grounding_fine \
#     --out work_dirs/foundation/grounding_fine/weights \
#     --sam2 work_dirs/foundation/grounding_fine/sam2.safetensors
#   python tools/train.py configs/foundation/tabletop/grounding_lists.py
_base_ = ['./tiny_llama.py', '../../_base_/models/grounding.py']

work_dir = 'work_dirs/foundation/grounding_lists'

grounded = 'work_dirs/foundation/grounding_fine/weights'
alignment = f'{grounded}/alignment.safetensors'

# Whole videos alone.
train_dataloader = dict(dataset=dict(_delete_=True, **_base_.train_dataset))
val_evaluator = [
    *_base_.val_evaluator,
    dict(type='PromptedSegmentationMetric', prefix='obj'),
]
test_evaluator = val_evaluator

model = dict(
    **{**_base_.grounding, 'promptable': None, 'image_frames': None},
    scene_encoder=dict(
        aggregator=dict(checkpoint=alignment),
        token_merging=dict(checkpoint=alignment),
    ),
    scene_graph_head=dict(
        language_model=dict(name_or_path=grounded),
        projector=dict(checkpoint=alignment),
        direct_share=0.7,
    ),
    scene_description=dict(checkpoint=alignment),
    prompt_losses=dict(
        **_base_.grounding_losses,
        tube_decoder=dict(
            sam2=_base_.sam2_mini.sam2,
            checkpoint='work_dirs/foundation/grounding_fine/sam2.safetensors',
            prompt_checkpoint=alignment,
            max_train_frames=3,
            # Masks of two of eight videos a step, and the text of each.
            train_share=0.25,
        ),
    ),
    num_described=2,
)

optim_wrapper = dict(optimizer=dict(lr=6e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=50),
    _base_.param_scheduler[1],
]
train_cfg = dict(max_epochs=6, val_interval=3)
