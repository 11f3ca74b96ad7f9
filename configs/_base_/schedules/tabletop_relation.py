# PSG4DFormer's relation head on Tabletop-4D.
_base_ = ['./tabletop.py']

optim_wrapper = dict(optimizer=dict(lr=5e-4, betas=(0.9, 0.999)))
train_cfg = dict(max_epochs=60, val_interval=60)
auto_scale_lr = dict(base_batch_size=10)
