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
_base_ = ['./grounding.py']

work_dir = 'work_dirs/foundation/grounding_fine'

grounded = 'work_dirs/foundation/grounding/weights'
grounded_alignment = f'{grounded}/alignment.safetensors'

model = dict(
    scene_encoder=dict(
        aggregator=dict(checkpoint=grounded_alignment),
        token_merging=dict(checkpoint=grounded_alignment),
    ),
    scene_graph_head=dict(
        language_model=dict(name_or_path=grounded),
        projector=dict(checkpoint=grounded_alignment),
    ),
    scene_description=dict(checkpoint=grounded_alignment),
    prompt_losses=dict(
        tube_decoder=dict(
            # As many as 4D-LLM gives it.
            sam2=_base_.sam2_mini.sam2,
            checkpoint='work_dirs/foundation/grounding/sam2.safetensors',
            prompt_checkpoint=grounded_alignment,
        )
    ),
    num_described=6,
)

max_epochs = 2
optim_wrapper = dict(optimizer=dict(lr=3.5e-4))
train_cfg = dict(max_epochs=max_epochs)
