# One-stage PSG4DFormer on features of scenes (paper, Table 11), at full size: those of
# ImageBind-huge, which stays as it is. A recipe gives the camera of its depth.
_base_ = [
    './psg4dformer.py',
    './relation_head_one_stage.py',
    './frame_encoders/imagebind_huge.py',
]

model = dict(
    type='PSG4DFormerTransfer',
    save_frozen=False,
    frame_encoder=_base_.imagebind_huge,
    aggregator=dict(type='SAGate'),
    segmentor=dict(
        backbone=dict(_delete_=True, type='SceneFeaturePyramid', out_channels=256),
        depth_to_disparity=None,
        head=dict(type='VideoQueryHead'),
    ),
    query_fusion=dict(type='QueryFusion'),
    relation_head=_base_.relation_head,
    num_frames=32,
)
