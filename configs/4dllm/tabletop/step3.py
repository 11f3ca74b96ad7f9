# Step 3 on Tabletop-4D: graphs are read off pseudo-4D scenes that are made of frame 0,
# and the estimators go on learning.
#
#   python tools/train.py configs/4dllm/tabletop/step3.py
_base_ = [
    './step1_scarce.py',
    '../../_base_/models/scene_transcender.py',
    '../../_base_/models/scene_transcender_mini.py',
]

work_dir = 'work_dirs/tabletop/step3'
load_from = 'work_dirs/tabletop/step1_scarce/epoch_24.pth'
model = dict(
    scene_transcender=dict(
        dict(_base_.scene_transcender, **_base_.scene_transcender_mini),
        checkpoints=_base_.step2_checkpoints_mini,
    ),
    **_base_.step3,
)

optim_wrapper = _base_.step3_rates
max_epochs = 16
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
