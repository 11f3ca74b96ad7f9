# step1_psg4d-gta.py with DeepSpeed's ZeRO, stage 1.
#
#   bash tools/dist_train.sh configs/4dllm/step1_psg4d-gta_zero1.py 8
_base_ = [
    '../_base_/models/four_d_llm.py',
    '../_base_/datasets/psg4d_gta.py',
    '../_base_/schedules/step1.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
    '../_base_/strategies/zero1.py',
]

runner_type = 'SceneGraphFlexibleRunner'
model = dict(scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_gta']))
