# Table 11, step 4 without step 1, tested on 4D scenes of PSG4D-HOI.
_base_ = ['./step4_vg_psg_zero_shot.py']

estimators = 'work_dirs/step3_psg4d-hoi_zero_shot/epoch_100.pth'
model = dict(
    scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']),
    scene_transcender=dict(
        checkpoints=dict(
            depth_estimator=estimators,
            rgb_temporal_estimator=estimators,
            depth_temporal_estimator=estimators,
        )
    ),
)
test_pipeline = [
    dict(item, size=(576, 1024)) if item['type'] == 'ResizeFrames' else item
    for item in _base_.val_dataloader['dataset']['pipeline']
]
val_dataloader = dict(
    dataset=dict(
        type='PSG4DHOIDataset',
        data_root='data/psg4d_hoi/',
        split='val',
        pipeline=test_pipeline,
    )
)
test_dataloader = val_dataloader
