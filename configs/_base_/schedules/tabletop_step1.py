# Step 1 on Tabletop-4D: a fifth of Table 9's rates, which unlearn some of what was
# pretrained: some hundred videos are few beside those of the foundation weights. A step
# of four videos takes about two seconds of one core.
_base_ = ['./tabletop.py']

optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.1)},
        bypass_duplicate=True,
    ),
)
train_cfg = dict(max_epochs=10, val_interval=10)
