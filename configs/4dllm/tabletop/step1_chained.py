# As step1.py, with chained inference: half of the training samples are written in four
# answers, half in one. step1.py tests the same checkpoint without it.
#
#   python tools/train.py configs/4dllm/tabletop/step1_chained.py
#   python tools/test.py configs/4dllm/tabletop/step1_chained.py CHECKPOINT
#   python tools/test.py configs/4dllm/tabletop/step1.py CHECKPOINT
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/scene_graph_heads/tabletop_chained.py',
    '../../_base_/models/scene_graph_heads/tabletop_token_weights.py',
    '../../_base_/datasets/tabletop_described.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_chained'

model = dict(
    scene_graph_head=dict(
        direct_text_format=_base_.model.scene_graph_head.text_format,
        direct_share=0.5,
        text_format=dict(_base_.tabletop_chained, _delete_=True),
        # As a search asks for it.
        single_share=0.5,
        # Direct texts have these weights, too.
        token_weights=_base_.tabletop_token_weights,
        # A list with descriptions is long.
        decoder=dict(object_vote=None),
    ),
)
