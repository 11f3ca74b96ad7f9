# As step1.py, with chained inference that was never trained: the prompt explains the
# four stages and shows the paper's example (appendix E).
#
#   python tools/test.py configs/4dllm/tabletop/step1_training_free.py CHECKPOINT
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1'
published_checkpoint = 'checkpoints/4dllm/tabletop_step1.safetensors'

model = dict(
    scene_graph_head=dict(
        text_format=dict(
            type='ChainedTextFormat',
            in_context_examples=['appendix_e'],
            max_objects=16,
            max_pairs=24,
            _delete_=True,
        ),
        # A list with descriptions is long.
        decoder=dict(object_vote=None),
    )
)
