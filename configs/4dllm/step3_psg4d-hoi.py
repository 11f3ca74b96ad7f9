# Step 3 of 4D-LLM on PSG4D-HOI: pseudo-4D scene transfer initiation learning (paper,
# Eq. 7, appendix D and Table 9). Graphs are read off scenes that are made of frame 0,
# and the estimators go on learning.
#
#   python tools/train.py configs/4dllm/step3_psg4d-hoi.py
#
# Needs what step 1 needs, its checkpoint and those of steps 2a to 2c.
_base_ = ['./step1_psg4d-hoi.py', '../_base_/models/scene_transcender.py']

load_from = 'work_dirs/step1_psg4d-hoi/epoch_20.pth'
model = dict(
    scene_transcender=dict(
        **_base_.scene_transcender,
        checkpoints=dict(
            _base_.step2_checkpoints,
            depth_temporal_estimator='work_dirs/step2c_psg4d_hoi/epoch_50.pth',
        ),
    ),
    **_base_.step3,
)

optim_wrapper = _base_.step3_rates
# About 2,400 steps on eight GPUs. The paper tells no number.
max_epochs = 8
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
