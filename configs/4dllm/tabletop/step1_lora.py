# Ablation of step1.py: LoRA on the language model in place of full tuning, as in the
# full recipe but of half the rank.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/language_models/llama2_7b.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_lora'

model = dict(
    scene_graph_head=dict(
        language_model=dict(lora=dict(_base_.llama2_7b['lora'], r=32, lora_alpha=64))
    )
)
