# SGPN on Tabletop-4D, at a rate of short trainings.
_base_ = ['./tabletop.py']

optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=40, val_interval=40)
