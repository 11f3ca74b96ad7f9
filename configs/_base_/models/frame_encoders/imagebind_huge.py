# ImageBind-huge for RGB and for depth, frozen.
imagebind_huge = dict(
    frozen_encoders=True,
    rgb_encoder=dict(
        type='ImageBindVisionEncoder', checkpoint='checkpoints/imagebind_huge.pth'
    ),
    depth_encoder=dict(
        type='ImageBindDepthEncoder', checkpoint='checkpoints/imagebind_huge.pth'
    ),
    # The published statistics are of metres times 8 (see DepthToDisparity), which goes
    # with the official weights, and stands here alone.
    depth_to_disparity=dict(type='DepthToDisparity', depth_scale=8.0),
    # Frames are fitted into the square input, not stretched to it or cropped.
    keep_ratio=True,
)
