# As step1.py, with three times as many videos, each seen a little less often: twenty to
# forty minutes of one core. The tests' videos are those of step1.py.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/make_tabletop.py --out data/tabletop_600 --train 600 --test 0 \
#       --unseen 0 --layouts psg4d_gta
#   python tools/train.py configs/4dllm/tabletop/step1_600_videos.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_600_videos'
published_checkpoint = 'checkpoints/4dllm/tabletop_step1.safetensors'

train_dataloader = dict(dataset=dict(data_root='data/tabletop_600/psg4d_gta/'))
train_cfg = dict(max_epochs=6, val_interval=6)
