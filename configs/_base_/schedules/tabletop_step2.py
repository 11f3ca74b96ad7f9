# Step 2 on Tabletop-4D. The rate is that of short trainings.
_base_ = ['./tabletop.py']

optim_wrapper = dict(optimizer=dict(lr=2e-3, weight_decay=0.1))
train_cfg = dict(max_epochs=4, val_interval=4)
