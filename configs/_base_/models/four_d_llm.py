# 4D-LLM at the paper's sizes: ImageBind-huge, LLaMA-2-7B with LoRA, SAM2.1-Large.
_base_ = [
    './frame_encoders/imagebind_huge.py',
    './language_models/llama2_7b.py',
    './tube_decoders/sam2_hiera_large.py',
]

model = dict(
    type='FourDLLM',
    # What does not train comes from the files named here, not from checkpoints.
    save_frozen=False,
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    scene_encoder=dict(
        type='SceneEncoder',
        **_base_.imagebind_huge,
        aggregator=dict(type='SAGate'),
        token_merging=dict(
            type='DPCKNNTokenMerging', scales=(64, 32, 16), max_events=8
        ),
    ),
    scene_graph_head=dict(
        type='LLMSceneGraphHead',
        language_model=_base_.llama2_7b,
        projector=dict(type='MLPProjector'),
        # Three decimals tell a thousand frames apart.
        text_format=dict(type='DirectTextFormat', decimals=3),
        loss_weight=1.0,
        max_answer_tokens=2048,
    ),
    tube_decoder=_base_.sam2_hiera_large,
)
