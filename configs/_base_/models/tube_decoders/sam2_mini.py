# SAM2 small enough to train on two CPU cores.
sam2_mini = dict(
    type='SAM2TubeDecoder',
    sam2=dict(
        image_size=256,
        trunk=dict(
            embed_dim=32,
            num_heads=1,
            stages=(1, 2, 3, 1),
            global_att_blocks=(4, 5),
            window_pos_embed_bkg_spatial_size=(8, 8),
            window_spec=(8, 4, 4, 4),
        ),
        embed_dims=256,
        memory_dims=64,
        memory_attention_layers=1,
        memory_attention_channels=256,
        memory_dropout=0.0,
        memory_fuser_layers=1,
        num_maskmem=4,
        max_object_pointers=8,
    ),
    # The same where fewer pixels go in, so that losses can be compared.
    loss_size=64,
)
