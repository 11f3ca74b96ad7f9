# Table 11, step 3 without labels of PSG4D on the way to PSG4D-HOI, with HOI's camera.
_base_ = ['./step3_psg4d-gta_zero_shot.py']

model = dict(
    frame_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']),
    scene_transcender=dict(
        checkpoints=dict(
            depth_temporal_estimator='work_dirs/step2c_psg4d_hoi/epoch_50.pth'
        )
    ),
)
val_dataloader = dict(
    dataset=dict(type='PSG4DHOIDataset', data_root='data/psg4d_hoi/', split='val')
)
test_dataloader = val_dataloader
