# One-stage PSG4DFormer on features of scenes in place of its own backbones (paper,
# Table 11), at full size: the model's type and how it reads features.
_base_ = ['./relation_head_one_stage.py', './frame_encoders/imagebind_huge.py']

scene_features = dict(
    type='PSG4DFormerTransfer',
    save_frozen=False,
    aggregator=dict(type='SAGate'),
    query_fusion=dict(type='QueryFusion'),
    num_frames=32,
)
scene_features_segmentor = dict(
    backbone=dict(_delete_=True, type='SceneFeaturePyramid', out_channels=256),
    depth_to_disparity=None,
    head=dict(type='VideoQueryHead'),
)
