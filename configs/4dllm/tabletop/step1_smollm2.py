# As step1.py, with SmolLM2-135M in place of the tiny LLaMA and nothing else.
#
#   python tools/train.py configs/4dllm/tabletop/step1_smollm2.py
_base_ = ['./step1.py', '../../_base_/models/language_models/smollm2_135m.py']

work_dir = 'work_dirs/tabletop/step1_smollm2'

model = dict(
    scene_graph_head=dict(language_model=dict(**_base_.smollm2_135m, _delete_=True))
)
