# 4D-LLM small enough for two CPU cores. As in the full one, ImageBind, SAM2 and the
# language model begin pretrained, with the weights in checkpoints/tabletop.
_base_ = [
    './four_d_llm_any_size.py',
    './frame_encoders/imagebind_mini.py',
    './scene_graph_heads/tabletop.py',
    './tube_decoders/sam2_mini.py',
]

llama = 'checkpoints/tabletop/tiny_llama_pretrained'
# How ImageBind's features are read and what prompts SAM2 was learned along with the
# language model, from lists of objects.
alignment = f'{llama}/alignment.safetensors'

model = dict(
    scene_encoder=dict(
        **_base_.imagebind_mini,
        aggregator=dict(checkpoint=alignment),
        # One event a frame, so that nothing that changes is averaged away.
        token_merging=dict(scales=(32, 8), max_events=8, checkpoint=alignment),
    ),
    scene_graph_head=dict(
        **_base_.tabletop_head,
        language_model=dict(
            type='CausalLanguageModel', name_or_path=llama, pretrained=True
        ),
        projector=dict(checkpoint=alignment),
        # On CPUs padding costs as much as text.
        pad_texts=False,
    ),
    tube_decoder=dict(
        **_base_.sam2_mini,
        checkpoint='checkpoints/tabletop/sam2_mini.safetensors',
        prompt_checkpoint=alignment,
        max_train_frames=3,
        # SAM2 is most of a step that takes the masks of all: of every fourth video some
        # are learned in a step, and the text of every one.
        max_train_objects=3,
        train_share=0.25,
        # Objects are small: with 0.25 they are lost to the background.
        loss_focal=dict(alpha=0.75),
    ),
    # Of the published checkpoint, by tools/analysis_tools/calibrate_scores.py.
    assembler=dict(
        # Alternatives of a span are rows of their own.
        span_iou=0.5,
        object_calibration=(1.7540, 0.7961),
        relation_calibration=(0.6934, -0.1222),
    ),
)
