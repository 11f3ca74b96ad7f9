# Step 3 on Tabletop-4D: graphs are read off pseudo-4D scenes that are made of frame 0,
# and the estimators go on learning.
#
#   python tools/train.py configs/4dllm/tabletop/step3.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/scene_transcender_mini.py',
    '../../_base_/datasets/tabletop_held_out.py',
    '../../_base_/schedules/tabletop_step3.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step3'
load_from = 'work_dirs/tabletop/step1_scarce/epoch_24.pth'
model = dict(
    # Of few videos the masks of all are learned in every step.
    tube_decoder=dict(max_train_objects=6, train_share=1.0),
    scene_transcender=dict(
        **_base_.scene_transcender,
        checkpoints=dict(
            depth_estimator='work_dirs/tabletop/step2a/epoch_4.pth',
            rgb_temporal_estimator='work_dirs/tabletop/step2b/epoch_4.pth',
            depth_temporal_estimator='work_dirs/tabletop/step2c/epoch_4.pth',
        ),
    ),
    train_given='image',
    transcending_losses=('de', 'rte', 'dte', 'dep_heart', 'dep_diamond'),
)
