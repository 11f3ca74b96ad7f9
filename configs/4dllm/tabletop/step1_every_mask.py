# As step1.py, with the masks of up to six objects of every video in every step, and the
# texts of a step padded to one batch. What that costs:
#
#   python tools/analysis_tools/benchmark_training.py configs/4dllm/tabletop/step1.py \
#       --against configs/4dllm/tabletop/step1_every_mask.py
_base_ = [
    '../../_base_/models/four_d_llm_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop_step1.py',
    '../../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_every_mask'

model = dict(
    scene_graph_head=dict(pad_texts=True),
    tube_decoder=dict(max_train_objects=6, train_share=1.0),
)
