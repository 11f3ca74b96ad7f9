# Ablation of step1.py: every patch of every frame is a scene token; none are merged.
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_all_tokens'
published_checkpoint = None

model = dict(
    scene_encoder=dict(
        token_merging=dict(
            _delete_=True, type='IdentityTokenMerging', checkpoint=_base_.alignment
        )
    )
)
