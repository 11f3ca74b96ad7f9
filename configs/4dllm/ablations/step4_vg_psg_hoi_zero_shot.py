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
        ),
    ),
)

val_dataloader = dict(
    dataset=dict(
        type='PSG4DHOIDataset',
        data_root='data/psg4d_hoi/',
        split='val',
        pipeline=[
            dict(type='SampleFrames', num_frames=_base_.num_frames),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='ResizeFrames', size=(576, 1024), keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
test_dataloader = val_dataloader
