# As step1.py with a third of the videos, so that labelled 4D scenes are scarce: what
# 2D-to-4D transfer (step2a.py to step5.py) is measured against.
#
#   python tools/train.py configs/4dllm/tabletop/step1_scarce.py
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_scarce'
published_checkpoint = None
train_dataloader = dict(dataset=dict(indices=32))
max_epochs = 9
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
