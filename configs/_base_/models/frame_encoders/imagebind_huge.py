# ImageBind-huge for RGB and for depth, frozen.
imagebind = 'checkpoints/imagebind_huge.pth'
imagebind_huge = dict(
    frozen_encoders=True,
    rgb_encoder=dict(type='ImageBindVisionEncoder', checkpoint=imagebind),
    depth_encoder=dict(type='ImageBindDepthEncoder', checkpoint=imagebind),
    depth_to_disparity=dict(type='DepthToDisparity'),
)
