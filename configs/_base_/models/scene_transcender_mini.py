# 2D-to-4D scene transcending small enough for two CPU cores.
_base_ = ['./scene_transcender.py']

scene_transcender = dict(
    rgb_temporal_estimator=dict(embed_dims=128, num_layers=3, num_heads=4),
    depth_temporal_estimator=dict(embed_dims=128, num_layers=3, num_heads=4),
    num_frames=8,
    still_scene=dict(num_frames=24, fps=12.0),
)
