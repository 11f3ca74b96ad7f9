# ImageBind small enough for two CPU cores, pretrained on Tabletop-4D.
imagebind_mini = dict(
    frozen_encoders=True,
    rgb_encoder=dict(
        type='ImageBindVisionEncoder',
        embed_dims=192,
        num_blocks=4,
        num_heads=4,
        patch_size=12,
        image_size=144,
        checkpoint='checkpoints/tabletop/imagebind_mini.safetensors',
    ),
    depth_encoder=dict(
        type='ImageBindDepthEncoder',
        embed_dims=64,
        num_blocks=4,
        num_heads=4,
        patch_size=12,
        image_size=144,
        checkpoint='checkpoints/tabletop/imagebind_mini.safetensors',
    ),
    # As in its pretraining: metres, 42 degrees over 144 rows, though the world's camera
    # sees 34 now, and the statistics of that training split. Frames of 144 x 192 were
    # stretched to the square input. Distances are as they were.
    depth_to_disparity=dict(
        type='DepthToDisparity', fx=187.6, baseline=0.075, mean=0.277, std=0.1
    ),
)
