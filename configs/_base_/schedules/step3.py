# Step 3 (paper, Table 9): peak learning rates 5e-5 for the language model and 2e-4 for
# the visual part, weight decay 0.05.
_base_ = ['./table_9.py']

optim_wrapper = dict(
    optimizer=dict(lr=2e-4, weight_decay=0.05),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.25)},
        # Tied input and output embeddings are one weight under two names.
        bypass_duplicate=True,
    ),
)
train_cfg = dict(max_epochs=100, val_interval=100)
