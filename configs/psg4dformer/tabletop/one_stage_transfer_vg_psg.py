# One-stage PSG4DFormer with 2D-to-4D transfer (paper, Table 11) on Tabletop-4D. It
# learns from images in the layouts of Visual Genome (boxes) and PSG (masks), which
# become pseudo-4D scenes as in step 4 of 4D-LLM. Tested on 4D scenes, of which no label
# is seen.
#
#   python tools/make_tabletop.py --held-out --seed 3 --layouts vg psg --train 200 \
#       --test 20 --unseen 0 --images 3 --frames 12 --out data/tabletop_held_out
#   python tools/train.py configs/psg4dformer/tabletop/one_stage_transfer_vg_psg.py
#
# The estimators are those of step 2 (configs/4dllm/tabletop/step2{a,b,c}.py).
_base_ = [
    '../../_base_/models/psg4dformer_mini.py',
    '../../_base_/models/relation_head_one_stage.py',
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/models/scene_transcender_mini.py',
    '../../_base_/datasets/tabletop_held_out_images.py',
    '../../_base_/schedules/tabletop_segmentation.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/psg4dformer_one_stage_transfer_vg_psg'

model = dict(
    type='PSG4DFormerTransfer',
    save_frozen=False,
    frame_encoder=_base_.imagebind_mini,
    aggregator=dict(type='SAGate'),
    # Half a scene, at the distance of frames that the estimators have learned.
    scene_transcender=dict(
        dict(
            _base_.scene_transcender,
            num_frames=4,
            still_scene=dict(num_frames=12, fps=12.0),
        ),
        checkpoints=dict(
            depth_estimator='work_dirs/tabletop/step2a/epoch_4.pth',
            rgb_temporal_estimator='work_dirs/tabletop/step2b/epoch_4.pth',
            depth_temporal_estimator='work_dirs/tabletop/step2c/epoch_4.pth',
        ),
    ),
    train_given='image',
    segmentor=dict(
        num_categories=29,
        backbone=dict(_delete_=True, type='SceneFeaturePyramid', out_channels=96),
        depth_to_disparity=None,
        head=dict(type='VideoQueryHead'),
    ),
    query_fusion=dict(type='QueryFusion'),
    relation_head=dict(_base_.relation_head, num_predicates=19),
    num_frames=16,
)

# A closed classifier has the names of both data sets.
train_dataloader = dict(batch_size=2, dataset=dict(type='SceneGraphConcatDataset'))
read_frames = [
    dict(type='LoadRGBFrames'),
    dict(type='LoadDepthFrames', missing='unknown'),
    dict(type='ResizeFrames', size=_base_.image_size, keep_ratio=True),
]
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    dataset=dict(
        pipeline=[
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='OpenRGBDFrames', transforms=read_frames),
            dict(type='PackSceneGraphInputs'),
        ]
    ),
)
test_dataloader = val_dataloader
inference_pipeline = [
    dict(type='OpenRGBDFrames', transforms=read_frames),
    dict(type='PackSceneGraphInputs'),
]
val_evaluator = [
    dict(type='SceneGraphMetric', protocol='strict', topk=(20, 50, 100)),
]
test_evaluator = val_evaluator

train_cfg = dict(max_epochs=3, val_interval=3)
