# Step 4 of 4D-LLM: large-scale visual scene transfer learning, on 150,000 still images
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
    '../_base_/schedules/step1.py',
    '../_base_/default_runtime.py',
]

load_from = 'work_dirs/step3_psg4d-gta/epoch_100.pth'
model = dict(
    scene_transcender=dict(**_base_.scene_transcender, trains=[]), **_base_.step4
)
train_dataloader = dict(batch_size=4, num_workers=8)
auto_scale_lr = dict(base_batch_size=32)

# The paper does not tell it.
max_epochs = 3
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
val_evaluator = dict(type='SGDetMetric', region='mask', topk=(20, 50, 100))
test_evaluator = val_evaluator
