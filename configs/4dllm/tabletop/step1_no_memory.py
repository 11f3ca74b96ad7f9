# Ablation of step1.py: no memory between the frames of a training step.
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_no_memory'
published_checkpoint = None

model = dict(tube_decoder=dict(train_memory=False))
