# Step 1 of 4D-LLM on Tabletop-4D, the simulated world: the full recipe's form with
# smaller parts and another data set, for two CPU cores. As there, ImageBind, SAM2 and
# the language model begin pretrained, with the weights in checkpoints/tabletop.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/4dllm/tabletop/step1.py
#   python tools/test.py configs/4dllm/tabletop/step1.py CHECKPOINT
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1'
published_checkpoint = 'checkpoints/4dllm/tabletop_step1.safetensors'
