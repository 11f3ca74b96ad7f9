# 4D-LLM at the paper's sizes: ImageBind-huge, LLaMA-2-7B with LoRA, SAM2.1-Large.
_base_ = [
    './four_d_llm_any_size.py',
    './frame_encoders/imagebind_huge.py',
    './language_models/llama2_7b.py',
    './tube_decoders/sam2_hiera_large.py',
]

model = dict(
    scene_encoder=dict(
        **_base_.imagebind_huge,
        token_merging=dict(scales=(64, 32, 16), max_events=8),
    ),
    scene_graph_head=dict(
        language_model=_base_.llama2_7b,
        # Three decimals tell a thousand frames apart.
        text_format=dict(decimals=3),
        max_answer_tokens=2048,
    ),
    tube_decoder=_base_.sam2_hiera_large,
)
