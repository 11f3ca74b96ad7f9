# One-stage PSG4DFormer with 2D-to-4D transfer (paper, Table 11), tested on PSG4D-HOI:
# as one_stage_transfer_vg_psg.py, with HOI's estimators and scenes.
#
#   python tools/train.py configs/psg4dformer/one_stage_transfer_vg_psg_hoi.py
_base_ = [
    '../_base_/models/psg4dformer.py',
    '../_base_/models/scene_features.py',
    '../_base_/models/scene_transcender.py',
    '../_base_/datasets/vg_psg.py',
    '../_base_/schedules/segmentation.py',
    '../_base_/default_runtime.py',
    '../_base_/cameras.py',
]

estimators = 'work_dirs/step3_psg4d-hoi_zero_shot/epoch_100.pth'
model = dict(
    **_base_.scene_features,
    frame_encoder=dict(
        _base_.imagebind_huge,
        depth_to_disparity=dict(
            _base_.imagebind_huge['depth_to_disparity'], **_base_.cameras['psg4d_hoi']
        ),
    ),
    scene_transcender=dict(
        dict(_base_.scene_transcender, still_scene=dict(num_frames=300, fps=15.0)),
        checkpoints=dict(
            depth_estimator=estimators,
            rgb_temporal_estimator=estimators,
            depth_temporal_estimator=estimators,
        ),
    ),
    train_given='image',
    segmentor=dict(
        _base_.scene_features_segmentor,
        # As many as both data sets have together, at most.
        num_categories=sum(_base_.num_categories.values()),
    ),
    relation_head=dict(
        _base_.relation_head, num_predicates=sum(_base_.num_predicates.values())
    ),
)

# A closed classifier has the names of both data sets.
train_dataloader = dict(dataset=dict(type='SceneGraphConcatDataset'))
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
# Names are those of the images: "holds" may be there what is "holding" here.
scene_graph = dict(type='SceneGraphMetric', protocol='strict', topk=(20, 50, 100))
val_evaluator = [
    scene_graph,
    dict(
        scene_graph, prefix='scene_graph_alias', labels=dict(type='AliasLabelMatcher')
    ),
]
test_evaluator = val_evaluator

# No backbone is pretrained but the frozen encoder; the pyramid is new.
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=1.0))))
train_cfg = dict(max_epochs=3, val_interval=3)
