# Ablation (Table 5, "video"): clips of Action Genome are read as they are, in place of
# steps 2 to 4. Boxes are no masks: the text alone is trained.
#
# Step 5 follows: row "video directly" of configs/studies/psg4d_gta_transfer.py.
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/datasets/ag_graphs.py',
    '../../_base_/schedules/step4.py',
    '../../_base_/default_runtime.py',
]

load_from = 'work_dirs/step1_psg4d-gta/epoch_300.pth'
train_cfg = dict(max_epochs=20, val_interval=20)
auto_scale_lr = dict(base_batch_size=8)
val_evaluator = _base_.test_evaluator
