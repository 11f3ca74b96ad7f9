# As step1_smollm2.py, with chained inference: half of the training samples are written
# in four answers, half in one, and the prompts are the paper's.
#
#   python tools/train.py configs/4dllm/tabletop/step1_smollm2_chained.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/scene_graph_heads/tabletop_chained.py',
    '../../_base_/models/language_models/smollm2_135m.py',
    '../../_base_/datasets/tabletop_described.py',
    '../../_base_/schedules/tabletop_smollm2.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_smollm2_chained'

model = dict(
    scene_graph_head=dict(
        _base_.smollm2_head,
        language_model=dict(_base_.smollm2_head.language_model, turn_separator='\n'),
        direct_text_format=_base_.model.scene_graph_head.text_format,
        direct_share=0.5,
        text_format=dict(_base_.tabletop_chained, _delete_=True),
    ),
    tube_decoder=dict(prompt_checkpoint=None),
)
