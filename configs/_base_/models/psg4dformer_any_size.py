# PSG4DFormer's segmentation at any size, of both stages and of one: what the full
# recipes and the mini ones have in common. Losses and costs are Mask2Former's.
model = dict(
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    segmentor=dict(
        type='PanopticSegmentor',
        backbone=dict(type='DualStreamResNet', reduction=16),
        depth_to_disparity=dict(type='DepthToDisparity'),
        head=dict(
            type='Mask2FormerQueryHead',
            no_object_weight=0.1,
            mask2former=dict(
                type='Mask2FormerHead',
                num_transformer_feat_level=3,
                pixel_decoder=dict(
                    type='MSDeformAttnPixelDecoder',
                    num_outs=3,
                    act_cfg=dict(type='ReLU'),
                ),
                transformer_decoder=dict(return_intermediate=True, init_cfg=None),
                loss_cls=dict(
                    type='CrossEntropyLoss',
                    use_sigmoid=False,
                    loss_weight=2.0,
                    reduction='mean',
                ),
                loss_mask=dict(
                    type='CrossEntropyLoss',
                    use_sigmoid=True,
                    reduction='mean',
                    loss_weight=5.0,
                ),
                loss_dice=dict(
                    type='DiceLoss',
                    use_sigmoid=True,
                    activate=True,
                    reduction='mean',
                    naive_dice=True,
                    eps=1.0,
                    loss_weight=5.0,
                ),
                train_cfg=dict(
                    oversample_ratio=3.0,
                    importance_sample_ratio=0.75,
                    assigner=dict(
                        type='HungarianAssigner',
                        match_costs=[
                            dict(type='ClassificationCost', weight=2.0),
                            dict(
                                type='CrossEntropyLossCost',
                                weight=5.0,
                                use_sigmoid=True,
                            ),
                            dict(type='DiceCost', weight=5.0, pred_act=True, eps=1.0),
                        ],
                    ),
                    sampler=dict(type='MaskPseudoSampler'),
                ),
            ),
        ),
    ),
    chunk_size=8,
)
