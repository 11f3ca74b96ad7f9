# Step 1 of the training recipe (paper, Table 9): AdamW in bfloat16, peak learning
# rates 5e-5 for the language model and 5e-4 for the visual part, weight decay 0.05,
# cosine schedule after 500 warm-up steps.
#
# The paper gives neither the number of epochs nor the gradient clipping. The schedule
# ends with the last epoch, however many there are.
max_epochs = 300

optim_wrapper = dict(
    type='AmpOptimWrapper',
    dtype='bfloat16',
    # bfloat16 has float32's range: nothing to scale.
    loss_scale=dict(enabled=False),
    optimizer=dict(type='AdamW', lr=5e-4, betas=(0.9, 0.999), weight_decay=0.05),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.1)},
        norm_decay_mult=0.0,
        bias_decay_mult=0.0,
        # Tied input and output embeddings are one weight under two names.
        bypass_duplicate=True,
    ),
    clip_grad=dict(max_norm=1.0),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=500),
    # Behind the warm-up: schedules multiply, and in few steps the peak rate would
    # never be reached.
    dict(type='CosineAnnealingLR', by_epoch=False, begin=500, eta_min=0.0),
]
# Over all steps, whatever their number: for recipes that warm up in few of them.
whole_cosine = dict(
    type='CosineAnnealingLR',
    by_epoch=True,
    begin=0,
    eta_min=0.0,
    convert_to_iter_based=True,
)
train_cfg = dict(
    type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=max_epochs
)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
auto_scale_lr = dict(enable=False, base_batch_size=8)
