# Ablation (Table 3, "w/o step 2"): step 3 with estimators that have learned nothing.
#
# Steps 4 and 5 follow: row "w/o step 2" of configs/studies/psg4d_hoi_transfer.py.
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/models/scene_transcender.py',
    '../../_base_/datasets/psg4d_hoi.py',
    '../../_base_/schedules/step3.py',
    '../../_base_/default_runtime.py',
    '../../_base_/cameras.py',
]

load_from = 'work_dirs/step1_psg4d-hoi/epoch_20.pth'
model = dict(
    scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']),
    scene_transcender=dict(
        **_base_.scene_transcender,
        checkpoints=dict(),
    ),
    train_given='image',
    transcending_losses=('de', 'rte', 'dte', 'dep_heart', 'dep_diamond'),
)

# As in step3_psg4d-hoi.py.
train_cfg = dict(max_epochs=8, val_interval=8)
