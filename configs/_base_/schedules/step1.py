# Steps 1 and 5 (paper, Table 9): peak learning rates 5e-5 for the language model and
# 5e-4 for the visual part, weight decay 0.05.
_base_ = ['./table_9.py']

optim_wrapper = dict(
    optimizer=dict(lr=5e-4, weight_decay=0.05),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.1)},
        # Tied input and output embeddings are one weight under two names.
        bypass_duplicate=True,
    ),
)
train_cfg = dict(max_epochs=300, val_interval=300)
