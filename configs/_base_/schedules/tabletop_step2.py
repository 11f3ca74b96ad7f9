# Step 2 on Tabletop-4D: single precision, and fewer warm-up steps than the full recipe
# since there are fewer steps. Rates are those of short trainings.
tabletop_step2_optimizer = dict(
    _delete_=True,
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=2e-3, betas=(0.9, 0.98), weight_decay=0.1),
    paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0),
    clip_grad=dict(max_norm=1.0),
)
tabletop_step2_warm_up = dict(
    type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=20
)
