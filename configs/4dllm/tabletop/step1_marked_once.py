# Ablation of step1.py: [Obj] behind the first mention of an object alone.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_marked_once'

model = dict(
    scene_graph_head=dict(
        text_format=dict(mark_every_mention=False),
        # This form has no grammar, and so no vote and no search.
        num_samples=8,
        decoder=dict(object_vote=None, search=None),
    )
)
