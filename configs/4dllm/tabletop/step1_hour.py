# As step1.py, for about an hour on two cores, scored every few minutes.
#
#   python tools/train.py configs/4dllm/tabletop/step1_hour.py
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_hour'

max_epochs = 120
param_scheduler = [
    dict(
        type='LinearLR',
        start_factor=1e-3,
        by_epoch=False,
        begin=0,
        end=_base_.warmup_steps,
    ),
    dict(
        type='CosineAnnealingLR',
        by_epoch=True,
        begin=0,
        T_max=max_epochs,
        end=max_epochs,
        eta_min=0.0,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs // 6)
