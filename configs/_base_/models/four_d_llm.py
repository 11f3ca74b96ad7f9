# 4D-LLM at the paper's sizes: ImageBind-huge, LLaMA-2-7B with LoRA, SAM2.1-Large.
_base_ = [
    './four_d_llm_any_size.py',
    './frame_encoders/imagebind_huge.py',
    './language_models/llama2_7b.py',
    './tube_decoders/sam2_hiera_large.py',
]

# Three decimals tell a thousand frames apart.
decimals = 3

model = dict(
    scene_encoder=dict(
        **_base_.imagebind_huge,
        token_merging=dict(scales=(64, 32, 16), max_events=8),
    ),
    scene_graph_head=dict(
        language_model=_base_.llama2_7b,
        # Chained inference, as in the paper. Some samples are written in one answer, so
        # that the model can do without it (ablations/*_wo_ci.py).
        direct_text_format=dict(
            _base_.model.scene_graph_head.text_format, decimals=decimals
        ),
        direct_share=0.5,
        # Alternatives of a span are rows of their own.
        decoder=dict(span_iou=0.5),
        text_format=dict(_delete_=True, type='ChainedTextFormat', decimals=decimals),
        max_answer_tokens=1024,
        # With scene and prompts they have to fit into 4096 positions.
        max_conversation_tokens=2048,
    ),
    tube_decoder=_base_.sam2_hiera_large,
    assembler=dict(span_iou=0.5),
)
