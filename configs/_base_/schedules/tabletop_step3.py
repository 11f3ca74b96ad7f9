# Step 3 on Tabletop-4D, with the rates of Table 9.
_base_ = ['./tabletop.py']

optim_wrapper = dict(
    optimizer=dict(lr=2e-4),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.25)},
        bypass_duplicate=True,
    ),
)
train_cfg = dict(max_epochs=16, val_interval=16)
