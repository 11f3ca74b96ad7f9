# Step 1 at the paper's sizes with random weights and simulated videos, to measure what
# a training step costs where neither weights nor data are at hand.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/analysis_tools/benchmark_training.py \
#       configs/4dllm/benchmarks/step1_paper_sizes.py --batch-sizes 1 2 4 --frames 8 16
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/models/language_models/llama2_7b_sizes.py',
    '../../_base_/datasets/psg4d_gta.py',
    '../../_base_/schedules/step1.py',
    '../../_base_/default_runtime.py',
    '../../_base_/cameras.py',
]

work_dir = 'work_dirs/benchmarks/step1_paper_sizes'
train_dataloader = dict(dataset=dict(data_root='data/tabletop/psg4d_gta/'))

model = dict(
    scene_encoder=dict(
        rgb_encoder=dict(checkpoint=None),
        depth_encoder=dict(checkpoint=None),
        depth_to_disparity=_base_.cameras['psg4d_gta'],
    ),
    scene_graph_head=dict(language_model=_base_.llama2_7b_sizes),
    tube_decoder=dict(checkpoint=None),
)
