# What the three parts of step 2 have in common (paper, Table 9): AdamW in bfloat16,
# weight decay 0.1, cosine schedule after 500 warm-up steps. Each has its own rate.
_base_ = ['./step1.py']

optim_wrapper = dict(
    optimizer=dict(weight_decay=0.1),
    paramwise_cfg=dict(
        _delete_=True,
        norm_decay_mult=0.0,
        bias_decay_mult=0.0,
        custom_keys={
            'space_embedding': dict(decay_mult=0.0),
            'time_embedding': dict(decay_mult=0.0),
        },
    ),
)
