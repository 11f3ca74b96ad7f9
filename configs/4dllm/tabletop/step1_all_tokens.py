# Ablation of step1.py: every patch of every frame is a scene token; none are merged.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_all_tokens'

model = dict(
    scene_encoder=dict(
        token_merging=dict(
            _delete_=True, type='IdentityTokenMerging', checkpoint=_base_.alignment
        )
    )
)
