# As step1.py, with SmolLM2-135M in place of the tiny LLaMA. It is pretrained on text at
# large and has never read a scene, so both projectors begin with random weights.
#
#   python tools/train.py configs/4dllm/tabletop/step1_smollm2.py
_base_ = ['./step1.py', '../../_base_/models/language_models/smollm2_135m.py']

work_dir = 'work_dirs/tabletop/step1_smollm2'
published_checkpoint = None

model = dict(
    scene_graph_head=dict(
        language_model=dict(**_base_.smollm2_135m, _delete_=True),
        projector=dict(checkpoint=None),
    ),
    tube_decoder=dict(prompt_checkpoint=None),
)

# Nothing of it is aligned yet, so the rates are those of Table 9. Its matrices are
# large enough for bfloat16 to pay on processors that have instructions for it.
optim_wrapper = dict(type='Bfloat16OptimWrapper', optimizer=dict(lr=5e-4))
