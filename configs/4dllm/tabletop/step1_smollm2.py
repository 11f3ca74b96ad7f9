# As step1.py, with SmolLM2-135M in place of the tiny LLaMA. It is pretrained on text at
# large and has never read a scene, so both projectors begin with random weights.
#
#   python tools/train.py configs/4dllm/tabletop/step1_smollm2.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/language_models/smollm2_135m.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_smollm2'

model = dict(
    scene_graph_head=dict(
        # Fully tuned, like the tiny one: on a processor that is also cheaper than LoRA,
        # whose adapters are many and whose dropout takes longer than their products.
        language_model=dict(dict(_base_.smollm2_135m, lora=None), _delete_=True),
        # On CPUs padding costs as much as text.
        pad_texts=False,
        projector=dict(checkpoint=None),
    ),
    tube_decoder=dict(prompt_checkpoint=None),
)

# Nothing of it is aligned yet, so the rates are those of Table 9. The rows of the new
# tokens learn like all that is new: they begin as the mean of all rows, and at the
# language model's rate they stay there, so that "[Obj]" is never written.
language_model = 'scene_graph_head.language_model'
optim_wrapper = dict(
    optimizer=dict(lr=5e-4),
    paramwise_cfg=dict(
        custom_keys={
            language_model: dict(lr_mult=0.1),
            f'{language_model}.model.model.embed_tokens.rows': dict(lr_mult=1.0),
        },
        bypass_duplicate=True,
    ),
)
train_cfg = dict(max_epochs=10, val_interval=10)
