# Ablation (Table 3, "w/o step 3"): step 4 right after steps 1 and 2.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/scene_transcender_mini.py',
    '../../_base_/datasets/tabletop_held_out_images.py',
    '../../_base_/schedules/tabletop_step4.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step4_wo_step3'
load_from = 'work_dirs/tabletop/step1_scarce/epoch_24.pth'
model = dict(
    # The masks of all are learned in every step.
    tube_decoder=dict(max_train_objects=6, train_share=1.0),
    scene_transcender=dict(
        **_base_.scene_transcender,
        trains=[],
        checkpoints=dict(
            depth_estimator='work_dirs/tabletop/step2a/epoch_4.pth',
            rgb_temporal_estimator='work_dirs/tabletop/step2b/epoch_4.pth',
            depth_temporal_estimator='work_dirs/tabletop/step2c/epoch_4.pth',
        ),
    ),
    train_given='image',
    test_given='4d',
)
