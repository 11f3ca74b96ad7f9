# Ablation (Table 6, "video"): step 4 begins with clips of Action Genome, whose depth
# F_de estimates; the other estimators are not needed.
#
# Step 5 follows: row "from video" of configs/studies/psg4d_gta_transfer.py.
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/models/scene_transcender.py',
    '../../_base_/datasets/ag_graphs.py',
    '../../_base_/schedules/step4.py',
    '../../_base_/default_runtime.py',
]

load_from = 'work_dirs/step3_psg4d-gta/epoch_100.pth'
model = dict(
    scene_transcender=dict(**_base_.scene_transcender, trains=[]),
    train_given='video',
    test_given='video',
)
train_cfg = dict(max_epochs=20, val_interval=20)
auto_scale_lr = dict(base_batch_size=8)
val_evaluator = _base_.test_evaluator
