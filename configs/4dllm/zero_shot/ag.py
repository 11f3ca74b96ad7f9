# Zero-shot scene graphs of videos: a model that never saw a label of Action Genome,
# tested on it with and without constraint (Table 12). Depth is estimated.
#
#   python tools/test.py configs/4dllm/zero_shot/ag.py CHECKPOINT
#
# Needs data/action_genome and the pretrained models of step 1. A checkpoint of step 3
# or 4 has the estimator of depth; with one of step 1 or 5, which has none, colours
# alone are read:
#
#   python tools/test.py configs/4dllm/zero_shot/ag.py CHECKPOINT \
#       --cfg-options model.scene_transcender=None model.test_given=4d
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/models/scene_transcender.py',
    '../../_base_/datasets/ag_graphs.py',
    '../../_base_/default_runtime.py',
]

model = dict(
    scene_transcender=dict(**_base_.scene_transcender, trains=[]), test_given='video'
)

train_dataloader = None
val_dataloader = None
# The frames and videos that STTran scores, which the figures beside it are of.
test_dataloader = dict(dataset=dict(require_person=True, min_frames=3))
test_cfg = dict(type='TestLoop')
