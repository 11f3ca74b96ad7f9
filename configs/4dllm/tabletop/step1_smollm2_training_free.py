# As step1_smollm2.py, with chained inference that was never trained: the prompt tells
# of the four stages and shows the paper's example (appendix E). It tests a checkpoint
# of step1_smollm2.py.
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/models/language_models/smollm2_135m.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_smollm2.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_smollm2'

model = dict(
    scene_graph_head=dict(
        _base_.smollm2_head,
        language_model=dict(_base_.smollm2_head.language_model, turn_separator='\n'),
        text_format=dict(
            type='ChainedTextFormat',
            in_context_examples=['appendix_e'],
            max_objects=16,
            max_pairs=24,
            _delete_=True,
        ),
    ),
    tube_decoder=dict(prompt_checkpoint=None),
)
