# 2D-to-4D scene transcending at the paper's sizes (appendices C and G).
scene_transcender = dict(
    type='SceneTranscender',
    depth_estimator=dict(type='DepthEstimator'),
    rgb_temporal_estimator=dict(
        type='TemporalEstimator', embed_dims=512, num_layers=6, num_heads=8
    ),
    # Its core begins as that of F_rte, so the sizes are the same.
    depth_temporal_estimator=dict(
        type='TemporalEstimator', embed_dims=512, num_layers=6, num_heads=8
    ),
    loss_feature=dict(
        type='FeatureRegressionLoss', smooth_l1_weight=1.0, cosine_weight=1.0
    ),
    # As many as the model sees of a video.
    num_frames=16,
    # An image stands for a video of PSG4D-GTA's average length (appendix F).
    still_scene=dict(num_frames=413, fps=5.0),
    # Eq. 7 has no weights.
    loss_weights=dict(de=1.0, rte=1.0, dte=1.0, dep_heart=1.0, dep_diamond=1.0),
)
