# PSG4DFormer's segmentation small enough for two CPU cores, from random weights.
_base_ = ['./psg4dformer_any_size.py']

resnet = dict(
    type='ResNet',
    depth=18,
    base_channels=32,
    norm_cfg=dict(type='BN', requires_grad=True),
    norm_eval=False,
)
# Sixteen channels a head: deformable attention wants a power of two.
attention = dict(embed_dims=96, num_heads=6, batch_first=True)
ffn = dict(
    embed_dims=96,
    num_fcs=2,
    ffn_drop=0.0,
    act_cfg=dict(type='ReLU', inplace=True),
)
positions = dict(num_feats=48, normalize=True)

model = dict(
    segmentor=dict(
        backbone=dict(rgb_stream=resnet, depth_stream=resnet),
        # As other mini models have it.
        depth_to_disparity=dict(fx=187.6, baseline=0.075, mean=0.277, std=0.1),
        min_score=0.4,
        min_mask=0.5,
        min_area_ratio=0.8,
        head=dict(
            mask2former=dict(
                feat_channels=96,
                out_channels=96,
                num_queries=30,
                pixel_decoder=dict(
                    norm_cfg=dict(type='GN', num_groups=16),
                    encoder=dict(
                        num_layers=1,
                        layer_cfg=dict(
                            self_attn_cfg=dict(
                                **attention, dropout=0.0, num_levels=3, num_points=4
                            ),
                            ffn_cfg=dict(**ffn, feedforward_channels=384),
                        ),
                    ),
                    positional_encoding=positions,
                ),
                positional_encoding=positions,
                transformer_decoder=dict(
                    num_layers=3,
                    layer_cfg=dict(
                        self_attn_cfg=attention,
                        cross_attn_cfg=attention,
                        ffn_cfg=dict(**ffn, feedforward_channels=768),
                    ),
                ),
                train_cfg=dict(num_points=1024),
            )
        ),
    )
)
