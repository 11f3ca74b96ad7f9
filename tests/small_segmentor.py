"""Config of a panoptic segmentor that is small enough for tests."""

CHANNELS = 16
NUM_CATEGORIES = 5


def resnet():
    return dict(type='ResNet', depth=18, base_channels=8, norm_eval=False, num_stages=4)


def attention():
    return dict(embed_dims=CHANNELS, num_heads=2, batch_first=True)


def feedforward():
    return dict(
        embed_dims=CHANNELS, feedforward_channels=32, num_fcs=2, ffn_drop=0.0,
        act_cfg=dict(type='ReLU', inplace=True),
    )  # fmt: skip


def small_segmentor(depth=True, num_queries=8, **options):
    positions = dict(num_feats=CHANNELS // 2, normalize=True)
    head = dict(
        type='Mask2FormerHead',
        feat_channels=CHANNELS,
        out_channels=CHANNELS,
        num_queries=num_queries,
        num_transformer_feat_level=3,
        pixel_decoder=dict(
            type='MSDeformAttnPixelDecoder',
            num_outs=3,
            norm_cfg=dict(type='GN', num_groups=4),
            act_cfg=dict(type='ReLU'),
            encoder=dict(
                num_layers=1,
                layer_cfg=dict(
                    self_attn_cfg=dict(
                        **attention(), dropout=0.0, num_levels=3, num_points=2
                    ),
                    ffn_cfg=feedforward(),
                ),
            ),
            positional_encoding=positions,
        ),
        positional_encoding=positions,
        transformer_decoder=dict(
            return_intermediate=True,
            num_layers=2,
            layer_cfg=dict(
                self_attn_cfg=attention(),
                cross_attn_cfg=attention(),
                ffn_cfg=feedforward(),
            ),
            init_cfg=None,
        ),
        loss_cls=dict(
            type='CrossEntropyLoss', use_sigmoid=False, loss_weight=2.0,
            reduction='mean',
        ),
        loss_mask=dict(
            type='CrossEntropyLoss', use_sigmoid=True, reduction='mean',
            loss_weight=5.0,
        ),
        loss_dice=dict(
            type='DiceLoss', use_sigmoid=True, activate=True, reduction='mean',
            naive_dice=True, eps=1.0, loss_weight=5.0,
        ),
        train_cfg=dict(
            num_points=128,
            oversample_ratio=3.0,
            importance_sample_ratio=0.75,
            assigner=dict(
                type='HungarianAssigner',
                match_costs=[
                    dict(type='ClassificationCost', weight=2.0),
                    dict(type='CrossEntropyLossCost', weight=5.0, use_sigmoid=True),
                    dict(type='DiceCost', weight=5.0, pred_act=True, eps=1.0),
                ],
            ),
            sampler=dict(type='MaskPseudoSampler'),
        ),
    )  # fmt: skip
    return dict(
        type='PanopticSegmentor',
        num_categories=NUM_CATEGORIES,
        backbone=dict(
            type='DualStreamResNet',
            rgb_stream=resnet(),
            depth_stream=resnet() if depth else None,
            reduction=4,
        ),
        head=dict(type='Mask2FormerQueryHead', mask2former=head),
        depth_to_disparity=dict(type='DepthToDisparity') if depth else None,
        **options,
    )
