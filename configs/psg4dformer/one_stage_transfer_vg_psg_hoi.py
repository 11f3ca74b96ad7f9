# One-stage PSG4DFormer with 2D-to-4D transfer (paper, Table 11), tested on PSG4D-HOI:
# as one_stage_transfer_vg_psg.py, with HOI's estimators and scenes.
#
#   python tools/train.py configs/psg4dformer/one_stage_transfer_vg_psg_hoi.py
_base_ = ['./one_stage_transfer_vg_psg.py']

estimators = 'work_dirs/step3_psg4d-hoi_zero_shot/epoch_100.pth'
model = dict(
    frame_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']),
    scene_transcender=dict(
        still_scene=dict(num_frames=300, fps=15.0),
        checkpoints=dict(
            depth_estimator=estimators,
            rgb_temporal_estimator=estimators,
            depth_temporal_estimator=estimators,
        ),
    ),
)

read_frames = [
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', missing='unknown'),
    dict(type='ResizeFrames', size=(320, 576), keep_ratio=True),
]
val_dataloader = dict(
    dataset=dict(
        type='PSG4DHOIDataset',
        data_root='data/psg4d_hoi/',
        split='val',
        pipeline=[
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='OpenRGBDFrames', transforms=read_frames),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
test_dataloader = val_dataloader
inference_pipeline = [
    dict(type='OpenRGBDFrames', transforms=read_frames),
    dict(type='PackSceneGraphInputs'),
]
