# Ablation (Table 5, "video"): clips of Action Genome are read as they are, in place of
# steps 2 to 4. Boxes are no masks: the text alone is trained.
#
# Step 5 follows: row "video directly" of configs/studies/psg4d_gta_transfer.py.
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/datasets/ag.py',
    '../../_base_/schedules/step1.py',
    '../../_base_/default_runtime.py',
]

load_from = 'work_dirs/step1_psg4d-gta/epoch_300.pth'
max_epochs = 20
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            *_base_.train_pipeline[:-1],
            dict(type='OrderObjects', by_category=True),
            _base_.train_pipeline[-1],
        ]
    )
)

val_evaluator = _base_.ag_evaluator
test_evaluator = val_evaluator
