# Ablation of step1.py: the form that the paper has. Relations are written without a
# list of objects before them, all [Obj] of an object prompt its tube, frames are merged
# into half as many events (as in the full recipe), and the focal loss has SAM2's alpha.
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_paper_form'
published_checkpoint = None

model = dict(
    scene_encoder=dict(token_merging=dict(max_events=_base_.num_frames // 2)),
    scene_graph_head=dict(text_format=dict(objects_first=False), prompt_with='all'),
    tube_decoder=dict(loss_focal=_base_.eq1_losses['loss_focal']),
)
