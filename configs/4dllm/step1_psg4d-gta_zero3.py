# step1_psg4d-gta.py with DeepSpeed's ZeRO, stage 3.
#
#   bash tools/dist_train.sh configs/4dllm/step1_psg4d-gta_zero3.py 8
_base_ = [
    '../_base_/models/four_d_llm.py',
    '../_base_/datasets/psg4d_gta.py',
    '../_base_/schedules/step1.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
    '../_base_/strategies/zero3.py',
]

runner_type = 'SceneGraphFlexibleRunner'
model = dict(
    scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_gta']),
    # Stage 3 releases the weights that computing again in torch's newer form expects.
    scene_graph_head=dict(language_model=dict(reentrant_checkpointing=True)),
    tube_decoder=dict(gradient_checkpointing=False),
)
# Every layer is gathered by all processes together, so they would wait for each other
# where one writes a longer answer: convert the checkpoint and test it with the plain
# config (docs/training.md).
val_dataloader = None
val_evaluator = None
val_cfg = None
