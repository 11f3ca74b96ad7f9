# Table 11, step 4 without step 1, tested on 4D scenes of PSG4D-HOI.
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/models/scene_transcender.py',
    '../../_base_/datasets/vg_psg.py',
    '../../_base_/schedules/step4.py',
    '../../_base_/default_runtime.py',
    '../../_base_/cameras.py',
]

estimators = 'work_dirs/step3_psg4d-hoi_zero_shot/epoch_100.pth'
model = dict(
    scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']),
    scene_transcender=dict(
        **_base_.scene_transcender,
        trains=[],
        checkpoints=dict(
            depth_estimator=estimators,
            rgb_temporal_estimator=estimators,
            depth_temporal_estimator=estimators,
        ),
    ),
    train_given='image',
    test_given='4d',
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
val_evaluator = [
    dict(type='SceneGraphMetric', protocol='strict', topk=(20, 50, 100)),
    dict(type='RelationAccuracyMetric', topk=(20,)),
]
test_evaluator = val_evaluator
