# Step 4 on Tabletop-4D. LLaMA-2 has read of everything that images show; the words
# that are held out here the tiny language model has never met, and at Table 9's rate it
# never writes them. So its words learn fast, and all else at a fifth of those rates, as
# in step 1.
_base_ = ['./tabletop.py']

optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(
        custom_keys={
            'scene_graph_head.language_model': dict(lr_mult=1.0),
            'scene_graph_head.language_model.model.model.embed_tokens': dict(
                lr_mult=10.0
            ),
        },
        bypass_duplicate=True,
    ),
)
train_cfg = dict(max_epochs=3, val_interval=3)
