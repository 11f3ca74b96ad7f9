# Ablation of step1.py: the form that the paper has. Relations are written without a
# list of objects before them, all [Obj] of an object prompt its tube, frames are merged
# into half as many events (as in the full recipe), and the focal loss has SAM2's alpha.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_paper_form'

model = dict(
    scene_encoder=dict(token_merging=dict(max_events=4)),
    scene_graph_head=dict(
        text_format=dict(objects_first=False, delimited=False),
        prompt_with='all',
        # Without a list there are no objects to vote on, or to search relations of.
        num_samples=8,
        decoder=dict(object_vote=None, search=None),
    ),
    tube_decoder=dict(loss_focal=dict(alpha=0.25)),
)
