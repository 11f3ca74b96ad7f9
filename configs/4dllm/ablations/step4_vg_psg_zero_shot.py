# Table 11, step 4 without step 1: no label of PSG4D is seen.
_base_ = ['../step4_vg_psg.py']

load_from = None
estimators = 'work_dirs/step3_psg4d-gta_zero_shot/epoch_100.pth'
model = dict(
    scene_transcender=dict(
        checkpoints=dict(
            depth_estimator=estimators,
            rgb_temporal_estimator=estimators,
            depth_temporal_estimator=estimators,
        )
    )
)
