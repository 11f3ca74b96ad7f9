# Ablation of step1.py: [Obj] behind the first mention of an object alone.
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_marked_once'
published_checkpoint = None

model = dict(scene_graph_head=dict(text_format=dict(mark_every_mention=False)))
