# Zero-shot scene graphs of images: a model that never saw a label of GQA, tested on
# GQA200 (Table 10). An image is transcended to a pseudo-4D scene, as in step 4.
#
#   python tools/test.py configs/4dllm/zero_shot/gqa.py CHECKPOINT
#
# Needs data/gqa with the three files of GQA200, and the pretrained models of step 1. A
# checkpoint of step 3 or 4 has the estimators; of one of step 1 or 5, which has none,
# images are read as they are:
#
#   python tools/test.py configs/4dllm/zero_shot/gqa.py CHECKPOINT \
#       --cfg-options model.scene_transcender=None model.test_given=4d
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/models/scene_transcender.py',
    '../../_base_/datasets/gqa200.py',
    '../../_base_/default_runtime.py',
]

model = dict(
    scene_transcender=dict(**_base_.scene_transcender, trains=[]), test_given='image'
)

# As the figures beside it: boxes, one predicate a pair.
test_evaluator = dict(
    type='SGDetMetric', region='box', constraint='pair', topk=(50, 100)
)
test_cfg = dict(type='TestLoop')
