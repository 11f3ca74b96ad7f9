# Ablation (Table 3, "w/o step 2"): step 3 with estimators that have learned nothing.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/scene_transcender_mini.py',
    '../../_base_/datasets/tabletop_held_out.py',
    '../../_base_/schedules/tabletop_step3.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step3_wo_step2'
load_from = 'work_dirs/tabletop/step1_scarce/epoch_24.pth'
model = dict(
    # Of few videos the masks of all are learned in every step.
    tube_decoder=dict(max_train_objects=6, train_share=1.0),
    scene_transcender=dict(
        **_base_.scene_transcender,
        checkpoints=dict(),
    ),
    train_given='image',
    transcending_losses=('de', 'rte', 'dte', 'dep_heart', 'dep_diamond'),
)
