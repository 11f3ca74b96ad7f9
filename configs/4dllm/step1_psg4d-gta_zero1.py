# step1_psg4d-gta.py with DeepSpeed's ZeRO, stage 1.
#
#   bash tools/dist_train.sh configs/4dllm/step1_psg4d-gta_zero1.py 8
_base_ = ['./step1_psg4d-gta.py', '../_base_/strategies/zero.py']

runner_type = 'SceneGraphFlexibleRunner'
strategy = _base_.zero1
