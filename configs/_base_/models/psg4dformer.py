# PSG4DFormer's segmentation at full size: two ResNet-101 and 100 queries.
_base_ = ['./psg4dformer_any_size.py']

# ImageNet weights of ResNet-101 with three convolutions in its stem ("v1c").
resnet = dict(
    type='ResNet',
    depth=101,
    deep_stem=True,
    stem_channels=64,
    # Statistics of depth are not those of ImageNet's images.
    norm_cfg=dict(type='BN', requires_grad=True),
    norm_eval=False,
)
attention = dict(embed_dims=256, num_heads=8, batch_first=True)
ffn = dict(
    embed_dims=256,
    num_fcs=2,
    ffn_drop=0.0,
    act_cfg=dict(type='ReLU', inplace=True),
)
positions = dict(num_feats=128, normalize=True)

model = dict(
    segmentor=dict(
        backbone=dict(
            rgb_stream=resnet,
            depth_stream=resnet,
            checkpoint='checkpoints/resnet101_v1c-e67eebb6.pth',
        ),
        min_score=0.8,
        min_mask=0.5,
        min_area_ratio=0.8,
        head=dict(
            mask2former=dict(
                feat_channels=256,
                out_channels=256,
                num_queries=100,
                pixel_decoder=dict(
                    norm_cfg=dict(type='GN', num_groups=32),
                    encoder=dict(
                        num_layers=6,
                        layer_cfg=dict(
                            self_attn_cfg=dict(
                                **attention, dropout=0.0, num_levels=3, num_points=4
                            ),
                            ffn_cfg=dict(**ffn, feedforward_channels=1024),
                        ),
                    ),
                    positional_encoding=positions,
                ),
                positional_encoding=positions,
                transformer_decoder=dict(
                    num_layers=9,
                    layer_cfg=dict(
                        self_attn_cfg=attention,
                        cross_attn_cfg=attention,
                        ffn_cfg=dict(**ffn, feedforward_channels=2048),
                    ),
                ),
                train_cfg=dict(num_points=12544),
            )
        ),
    )
)
