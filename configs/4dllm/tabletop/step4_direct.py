# Ablation (Table 5, "2D"): images are read as they are, in place of step 4; no step 2
# and no step 3.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop_held_out_images.py',
    '../../_base_/schedules/tabletop_step4.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step4_direct'
load_from = 'work_dirs/tabletop/step1_scarce/epoch_24.pth'
model = dict(
    # The masks of all are learned in every step.
    tube_decoder=dict(max_train_objects=6, train_share=1.0),
    scene_transcender=None,
    train_given='4d',
    test_given='4d',
)
