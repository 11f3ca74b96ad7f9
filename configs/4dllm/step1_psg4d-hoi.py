# Step 1 of 4D-LLM on PSG4D-HOI: 4D scene perception initiation learning (paper,
# section 4 and Table 9).
#
#   python tools/train.py configs/4dllm/step1_psg4d-hoi.py
#   python tools/test.py configs/4dllm/step1_psg4d-hoi.py CHECKPOINT
#
# Needs data/psg4d_hoi, checkpoints/imagebind_huge.pth,
# checkpoints/sam2.1_hiera_large.pt and LLaMA-2-7B from the Hugging Face hub.
_base_ = [
    '../_base_/models/four_d_llm.py',
    '../_base_/datasets/psg4d_hoi.py',
    '../_base_/schedules/step1.py',
    '../_base_/default_runtime.py',
]

# HOI4D has two cameras, a Kinect v2 and a RealSense D455, of about this focal length at
# 1,920 columns; HOI4D publishes each one's own.
model = dict(scene_encoder=dict(depth_to_disparity=dict(fx=1050.0, baseline=0.095)))

val_evaluator = dict(type='SceneGraphMetric', protocol='strict', topk=(20, 50, 100))
test_evaluator = val_evaluator
