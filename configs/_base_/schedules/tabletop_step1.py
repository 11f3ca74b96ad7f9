# Step 1 on Tabletop-4D. What is new learns at three fifths of Table 9's rate, and the
# tiny language model, tuned in full, at three times its: chosen on development videos
# (docs/history.md). A step of four videos takes about two seconds of one core.
_base_ = ['./tabletop.py']

optim_wrapper = dict(
    optimizer=dict(lr=3e-4),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.5)},
        bypass_duplicate=True,
    ),
)
train_cfg = dict(max_epochs=10, val_interval=10)
