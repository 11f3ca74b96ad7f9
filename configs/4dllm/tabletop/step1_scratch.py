# Step 1 of 4D-LLM on Tabletop-4D, the simulated world, from random weights: the full
# recipe's form with smaller parts and another data set, for two CPU cores. step1.py
# begins with foundation weights, as the full recipe does.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/4dllm/tabletop/step1_scratch.py
_base_ = [
    '../../_base_/models/four_d_llm_any_size.py',
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/models/language_models/tiny_llama.py',
    '../../_base_/models/scene_graph_heads/tabletop.py',
    '../../_base_/models/tube_decoders/sam2_mini.py',
    '../../_base_/datasets/tabletop.py',
    '../../_base_/schedules/tabletop.py',
    '../../_base_/default_runtime.py',
]

work_dir = 'work_dirs/tabletop/step1_scratch'

model = dict(
    save_frozen=True,
    scene_encoder=dict(
        # Nothing is pretrained, so everything trains.
        frozen_encoders=False,
        rgb_encoder=dict(_base_.imagebind_mini['rgb_encoder'], checkpoint=None),
        depth_encoder=dict(_base_.imagebind_mini['depth_encoder'], checkpoint=None),
        depth_to_disparity=_base_.imagebind_mini['depth_to_disparity'],
        token_merging=dict(scales=(32, 8), max_events=8),
    ),
    scene_graph_head=dict(**_base_.tabletop_head, language_model=_base_.tiny_llama),
    tube_decoder=dict(
        **_base_.sam2_mini,
        checkpoint=None,
        freeze=(),
        max_train_frames=3,
        max_train_objects=4,
    ),
)

# Eight to twenty minutes on two cores, by the processor.
optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=dict(bypass_duplicate=True))
train_cfg = dict(max_epochs=10, val_interval=10)
