# As step1.py, with SmolLM2-135M in place of the tiny LLaMA. It is pretrained on text at
# large and has never read a scene, so both projectors begin with random weights.
#
#   python tools/train.py configs/4dllm/tabletop/step1_smollm2.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/language_models/smollm2_135m.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_smollm2.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_smollm2'

model = dict(
    scene_graph_head=_base_.smollm2_head, tube_decoder=dict(prompt_checkpoint=None)
)
