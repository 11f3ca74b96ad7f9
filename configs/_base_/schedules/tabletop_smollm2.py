# Step 1 on Tabletop-4D with a language model that has never read a scene.
_base_ = ['./tabletop.py']

# Nothing of it is aligned yet, so the rates are those of Table 9. The rows of the new
# tokens learn like all that is new: they begin as the mean of all rows, and at the
# language model's rate they stay there, so that "[Obj]" is never written.
language_model = 'scene_graph_head.language_model'
optim_wrapper = dict(
    optimizer=dict(lr=5e-4),
    paramwise_cfg=dict(
        custom_keys={
            language_model: dict(lr_mult=0.1),
            f'{language_model}.model.model.embed_tokens.rows': dict(lr_mult=1.0),
        },
        bypass_duplicate=True,
    ),
)
train_cfg = dict(max_epochs=10, val_interval=10)
