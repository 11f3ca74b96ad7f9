# Step 4 of 4D-LLM on the way to PSG4D-HOI: as step4_vg_psg.py, from HOI's step 3.
#
#   python tools/train.py configs/4dllm/step4_vg_psg_hoi.py
_base_ = [
    '../_base_/models/four_d_llm.py',
    '../_base_/models/scene_transcender.py',
    '../_base_/datasets/vg_psg.py',
    '../_base_/schedules/step4.py',
    '../_base_/default_runtime.py',
]

load_from = 'work_dirs/step3_psg4d-hoi/epoch_8.pth'
model = dict(
    scene_transcender=dict(
        dict(_base_.scene_transcender, still_scene=dict(num_frames=300, fps=15.0)),
        trains=[],
    ),
    train_given='image',
    test_given='image',
)
