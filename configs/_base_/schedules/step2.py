# What the three parts of step 2 have in common (paper, Table 9): weight decay 0.1. Each
# has its own rate.
_base_ = ['./table_9.py']

optim_wrapper = dict(
    optimizer=dict(weight_decay=0.1),
    paramwise_cfg=dict(
        custom_keys={
            'space_embedding': dict(decay_mult=0.0),
            'time_embedding': dict(decay_mult=0.0),
        },
    ),
)
