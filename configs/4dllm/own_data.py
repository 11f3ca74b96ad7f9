# Step 1 of 4D-LLM on your own RGB-D videos, with the mini model: see
# docs/your_own_data.md.
#
#   python tools/analysis_tools/check_dataset.py configs/4dllm/own_data.py
#   python tools/train.py configs/4dllm/own_data.py
_base_ = [
    '../_base_/models/four_d_llm_mini.py',
    '../_base_/datasets/tabletop.py',
    '../_base_/schedules/tabletop_step1.py',
    '../_base_/tabletop_runtime.py',
]

work_dir = 'work_dirs/own_data'
data_root = 'data/own/'
# Your words: predicates and categories are told apart by them when an answer is read.
categories = ['table', 'cup', 'hand']
predicates = ['on', 'holding']

train_dataloader = dict(dataset=dict(type='SceneGraphFileDataset', data_root=data_root))
val_dataloader = dict(dataset=dict(type='SceneGraphFileDataset', data_root=data_root))
test_dataloader = val_dataloader

model = dict(
    scene_encoder=dict(
        # Your camera: focal length in pixels at 640 columns, whatever the size of your
        # frames; disparity (baseline * fx / metres / 75) is then brought to mean 0 and
        # deviation 1.
        depth_to_disparity=dict(fx=525.0, baseline=0.075, mean=0.05, std=0.03),
    ),
    scene_graph_head=dict(
        text_format=dict(categories=categories, predicates=predicates)
    ),
)
