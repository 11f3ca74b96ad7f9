# As step1.py, six times as long: about two hours on two cores, by the processor.
# Scored four times.
#
#   python tools/train.py configs/4dllm/tabletop/step1_hour.py
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_hour'
published_checkpoint = None

max_epochs = 60
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs // 4)
