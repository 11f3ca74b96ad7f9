# Step 3 of 4D-LLM on PSG4D-GTA: pseudo-4D scene transfer initiation learning (paper,
# Eq. 7, appendix D and Table 9). Graphs are read off scenes that are made of frame 0,
# and the estimators go on learning.
#
#   python tools/train.py configs/4dllm/step3_psg4d-gta.py
#
# Needs what step 1 needs, its checkpoint and those of steps 2a to 2c.
_base_ = [
    '../_base_/models/four_d_llm.py',
    '../_base_/models/scene_transcender.py',
    '../_base_/datasets/psg4d_gta.py',
    '../_base_/schedules/step3.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
]

load_from = 'work_dirs/step1_psg4d-gta/epoch_300.pth'
model = dict(
    scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_gta']),
    scene_transcender=dict(
        **_base_.scene_transcender,
        checkpoints=dict(
            depth_estimator='work_dirs/step2a_diml/epoch_5.pth',
            rgb_temporal_estimator='work_dirs/step2b_ag/epoch_20.pth',
            depth_temporal_estimator='work_dirs/step2c_psg4d/epoch_50.pth',
        ),
    ),
    train_given='image',
    transcending_losses=('de', 'rte', 'dte', 'dep_heart', 'dep_diamond'),
)
