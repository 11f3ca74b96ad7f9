# As step1.py with 8 of the 100 videos, so that labelled 4D scenes are scarce beside
# labelled pictures: what 2D-to-4D transfer (step2a.py to step5.py) is measured against.
#
#   python tools/train.py configs/4dllm/tabletop/step1_scarce.py
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_scarce'
published_checkpoint = None
# On CPUs padding costs as much as text.
model = dict(scene_graph_head=dict(pad_texts=False))
train_dataloader = dict(dataset=dict(indices=8))
max_epochs = 24
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
