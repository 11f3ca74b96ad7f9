# Ablation (Table 3, "w/o step 3"): step 4 right after steps 1 and 2.
#
# Step 5 follows: row "w/o step 3" of configs/studies/psg4d_gta_transfer.py.
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/models/scene_transcender.py',
    '../../_base_/datasets/vg_psg.py',
    '../../_base_/schedules/step4.py',
    '../../_base_/default_runtime.py',
]

load_from = 'work_dirs/step1_psg4d-gta/epoch_300.pth'
model = dict(
    scene_transcender=dict(
        **_base_.scene_transcender,
        trains=[],
        checkpoints=dict(
            depth_estimator='work_dirs/step2a_diml/epoch_5.pth',
            rgb_temporal_estimator='work_dirs/step2b_ag/epoch_20.pth',
            depth_temporal_estimator='work_dirs/step2c_psg4d/epoch_50.pth',
        ),
    ),
    train_given='image',
    test_given='image',
)
