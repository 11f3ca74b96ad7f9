# SAM2.1-Large (official weights), trained on the prompts that the language model gives.
sam2_hiera_large = dict(
    type='SAM2TubeDecoder',
    sam2=dict(
        image_size=1024,
        trunk=dict(
            embed_dim=144,
            num_heads=2,
            stages=(2, 6, 36, 4),
            global_att_blocks=(23, 33, 43),
            window_pos_embed_bkg_spatial_size=(7, 7),
            window_spec=(8, 4, 16, 8),
        ),
        embed_dims=256,
        memory_dims=64,
        memory_attention_layers=4,
        memory_attention_channels=2048,
        memory_fuser_layers=2,
        num_maskmem=7,
        max_object_pointers=16,
    ),
    checkpoint='checkpoints/sam2.1_hiera_large.pt',
    objects_per_pass=16,
    # 16 frames do not fit into 80 GB otherwise.
    gradient_checkpointing=True,
)
