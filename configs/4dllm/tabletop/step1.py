# Step 1 of 4D-LLM on Tabletop-4D, the simulated world: the full recipe's form with
# smaller parts and another data set, for two CPU cores. As there, ImageBind, SAM2 and
# the language model begin pretrained, with the weights in checkpoints/tabletop.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/4dllm/tabletop/step1.py
#   python tools/test.py configs/4dllm/tabletop/step1.py CHECKPOINT
_base_ = ['./step1_scratch.py']

work_dir = 'work_dirs/tabletop/step1'
# What tools/infer.py takes where nothing has been trained.
published_checkpoint = 'checkpoints/4dllm/tabletop_step1.safetensors'

llama = 'checkpoints/tabletop/tiny_llama_pretrained'
# How ImageBind's features are read and what prompts SAM2 was learned along with the
# language model, from lists of objects.
alignment = f'{llama}/alignment.safetensors'

model = dict(
    # As in the full recipe.
    save_frozen=False,
    scene_encoder=dict(
        frozen_encoders=True,
        rgb_encoder=dict(checkpoint=_base_.imagebind_mini_checkpoint),
        depth_encoder=dict(checkpoint=_base_.imagebind_mini_checkpoint),
        aggregator=dict(checkpoint=alignment),
        token_merging=dict(checkpoint=alignment),
    ),
    scene_graph_head=dict(
        language_model=dict(name_or_path=llama, pretrained=True),
        projector=dict(checkpoint=alignment),
    ),
    tube_decoder=dict(
        checkpoint='checkpoints/tabletop/sam2_mini.safetensors',
        prompt_checkpoint=alignment,
        max_train_objects=6,
        # Objects are small: with 0.25 they are lost to the background.
        loss_focal=dict(alpha=0.75),
        # As in the full recipe, the mask decoder trains alone.
        freeze=_base_.step1_freeze,
    ),
    # Of the published checkpoint, by tools/analysis_tools/calibrate_scores.py.
    assembler=dict(
        object_calibration=(1.5127, 0.2576), relation_calibration=(1.1459, -0.7095)
    ),
)
visualizer = dict(least_scores=dict(objects=0.381, relations=0.055))

# A fifth of Table 9's rates, which unlearn some of what was pretrained: 100 videos are
# few beside those of the foundation weights.
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.1)}
    ),
)
