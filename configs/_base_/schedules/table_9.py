# What all steps of the training recipe have in common (paper, Table 9): AdamW in
# bfloat16, cosine schedule after 500 warm-up steps. Peak rates and weight decay are
# each step's own.
#
# The paper gives neither the number of epochs nor the gradient clipping. The schedule
# ends with the last epoch, however many there are.
optim_wrapper = dict(
    type='AmpOptimWrapper',
    dtype='bfloat16',
    # bfloat16 has float32's range: nothing to scale.
    loss_scale=dict(enabled=False),
    optimizer=dict(type='AdamW', betas=(0.9, 0.999)),
    paramwise_cfg=dict(norm_decay_mult=0.0, bias_decay_mult=0.0),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=500),
    # Behind the warm-up: schedules multiply, and in few steps the peak rate would
    # never be reached.
    dict(type='CosineAnnealingLR', by_epoch=False, begin=500, eta_min=0.0),
]
train_cfg = dict(type='EpochBasedTrainLoop')
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=False, base_batch_size=8)
