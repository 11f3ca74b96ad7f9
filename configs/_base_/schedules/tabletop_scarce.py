# Steps 1 and 5 on the few videos of tabletop_held_out.py: what is new has to be
# learned, so the rates are those of Table 9.
_base_ = ['./tabletop.py']

optim_wrapper = dict(
    optimizer=dict(lr=5e-4),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.1)},
        bypass_duplicate=True,
    ),
)
train_cfg = dict(max_epochs=24, val_interval=24)
