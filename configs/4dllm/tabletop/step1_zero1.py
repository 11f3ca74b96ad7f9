# step1.py with DeepSpeed's ZeRO, stage 1, to see it work on two CPU cores.
#
#   bash tools/dist_train.sh configs/4dllm/tabletop/step1_zero1.py 2
_base_ = ['./step1.py', '../../_base_/strategies/zero.py']

work_dir = 'work_dirs/tabletop/step1_zero1'
runner_type = 'SceneGraphFlexibleRunner'
strategy = _base_.zero1
