# PSG4DFormer's segmentation: Mask2Former's AdamW, on four GPUs. The published schedule
# has its steps behind the last epoch, so that the rate never decays; the paper has 12
# epochs and the published config 8.
no_decay = dict(decay_mult=0.0)
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=1e-4, betas=(0.9, 0.999), weight_decay=0.05),
    paramwise_cfg=dict(
        norm_decay_mult=0.0,
        custom_keys={
            'backbone': dict(lr_mult=0.1),
            'query_embed': no_decay,
            'query_feat': no_decay,
            'level_embed': no_decay,
        },
    ),
    clip_grad=dict(max_norm=0.01),
)
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=12, val_interval=12)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
# Videos, of four frames each.
auto_scale_lr = dict(enable=False, base_batch_size=16)
