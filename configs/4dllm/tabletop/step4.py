# Step 4 on Tabletop-4D: images with graphs, in the layouts of Visual Genome (boxes)
# and PSG (masks), are transcended to pseudo-4D scenes. Validated on 4D scenes.
#
#   python tools/make_tabletop.py --held-out --seed 3 --layouts vg psg --train 200 \
#       --test 20 --unseen 0 --images 3 --frames 12 --out data/tabletop_held_out
#   python tools/train.py configs/4dllm/tabletop/step4.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/scene_transcender_mini.py',
    '../../_base_/datasets/tabletop_held_out_images.py',
    '../../_base_/schedules/tabletop_step4.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step4'
load_from = 'work_dirs/tabletop/step3/epoch_16.pth'
model = dict(
    # The masks of all are learned in every step.
    tube_decoder=dict(max_train_objects=6, train_share=1.0),
    scene_transcender=dict(**_base_.scene_transcender, trains=[]),
    train_given='image',
    test_given='4d',
)
