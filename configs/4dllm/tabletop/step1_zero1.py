# step1.py with DeepSpeed's ZeRO, stage 1, to see it work on two CPU cores.
#
#   bash tools/dist_train.sh configs/4dllm/tabletop/step1_zero1.py 2
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
    '../../_base_/strategies/zero1.py',
]

work_dir = 'work_dirs/tabletop/step1_zero1'
published_checkpoint = 'checkpoints/4dllm/tabletop_step1.safetensors'
runner_type = 'SceneGraphFlexibleRunner'
