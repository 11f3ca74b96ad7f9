# Ablation of step1.py: LoRA on the language model in place of full tuning.
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_lora'

model = dict(
    scene_graph_head=dict(
        language_model=dict(
            lora=dict(
                r=32,
                lora_alpha=64,
                lora_dropout=0.05,
                target_modules=[
                    'q_proj',
                    'k_proj',
                    'v_proj',
                    'o_proj',
                    'gate_proj',
                    'up_proj',
                    'down_proj',
                ],
            )
        )
    )
)
