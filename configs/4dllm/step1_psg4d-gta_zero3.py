# step1_psg4d-gta.py with DeepSpeed's ZeRO, stage 3.
#
#   bash tools/dist_train.sh configs/4dllm/step1_psg4d-gta_zero3.py 8
_base_ = ['./step1_psg4d-gta.py', '../_base_/strategies/zero.py']

runner_type = 'SceneGraphFlexibleRunner'
strategy = _base_.zero3
# Stage 3 releases the weights that computing again in torch's newer form expects.
model = dict(
    scene_graph_head=dict(language_model=dict(reentrant_checkpointing=True)),
    tube_decoder=dict(gradient_checkpointing=False),
)
# Every layer is gathered by all processes together, so they would wait for each other
# where one writes a longer answer: convert the checkpoint and test it with the plain
# config (docs/training.md).
val_dataloader = None
val_evaluator = None
val_cfg = None
