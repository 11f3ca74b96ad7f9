# PSG4DFormer's segmentation on Tabletop-4D, 15 to 60 minutes of one core, by the
# machine.
_base_ = ['./tabletop.py']

optim_wrapper = dict(
    optimizer=dict(lr=6e-4, betas=(0.9, 0.999)),
    paramwise_cfg=dict(
        custom_keys={
            'query_embed': dict(decay_mult=0.0),
            'query_feat': dict(decay_mult=0.0),
            'level_embed': dict(decay_mult=0.0),
        }
    ),
)
train_cfg = dict(max_epochs=6, val_interval=6)
auto_scale_lr = dict(base_batch_size=2)
