# What makes the scene transcender small enough for two CPU cores.
temporal_estimator_mini = dict(
    type='TemporalEstimator', embed_dims=128, num_layers=3, num_heads=4
)
scene_transcender_mini = dict(
    rgb_temporal_estimator=temporal_estimator_mini,
    depth_temporal_estimator=temporal_estimator_mini,
    num_frames=8,
    still_scene=dict(num_frames=24, fps=12.0),
)
step2_checkpoints_mini = dict(
    depth_estimator='work_dirs/tabletop/step2a/epoch_4.pth',
    rgb_temporal_estimator='work_dirs/tabletop/step2b/epoch_4.pth',
    depth_temporal_estimator='work_dirs/tabletop/step2c/epoch_4.pth',
)
