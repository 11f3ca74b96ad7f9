# Step 4 of 4D-LLM: large-scale visual scene transfer learning, on 150,000 images
# of Visual Genome and PSG that are transcended to pseudo-4D scenes (paper, section 4,
# appendix D and Table 9).
#
#   python tools/train.py configs/4dllm/step4_vg_psg.py
#
# Needs data/vg, data/psg, data/coco, step 3's checkpoint, and the pretrained models of
# step 1.
_base_ = [
    '../_base_/models/four_d_llm.py',
    '../_base_/models/scene_transcender.py',
    '../_base_/datasets/vg_psg.py',
    '../_base_/schedules/step4.py',
    '../_base_/default_runtime.py',
]

load_from = 'work_dirs/step3_psg4d-gta/epoch_100.pth'
model = dict(
    scene_transcender=dict(**_base_.scene_transcender, trains=[]),
    train_given='image',
    test_given='image',
)
