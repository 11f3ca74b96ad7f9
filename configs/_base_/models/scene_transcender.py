# 2D-to-4D scene transcending at the paper's sizes (appendices C and G), and what the
# training steps that use it have in common.
temporal_estimator = dict(
    type='TemporalEstimator', embed_dims=512, num_layers=6, num_heads=8
)
scene_transcender = dict(
    type='SceneTranscender',
    depth_estimator=dict(type='DepthEstimator'),
    rgb_temporal_estimator=temporal_estimator,
    depth_temporal_estimator=temporal_estimator,
    loss_feature=dict(
        type='FeatureRegressionLoss', smooth_l1_weight=1.0, cosine_weight=1.0
    ),
    # As many as the model sees of a video.
    num_frames=16,
    # A still stands for a video of PSG4D-GTA's average length (appendix F).
    still_scene=dict(num_frames=413, fps=5.0),
    # Eq. 7 has no weights.
    loss_weights=dict(de=1.0, rte=1.0, dte=1.0, dep_heart=1.0, dep_diamond=1.0),
)

# Where step 3 takes the estimators of step 2 from.
step2_checkpoints = dict(
    depth_estimator='work_dirs/step2a_diml/epoch_5.pth',
    rgb_temporal_estimator='work_dirs/step2b_ag/epoch_20.pth',
    depth_temporal_estimator='work_dirs/step2c_psg4d/epoch_50.pth',
)

# Step 3: graphs are read off pseudo-4D scenes made of frame 0, and everything trains.
step3 = dict(
    train_given='image',
    transcending_losses=('de', 'rte', 'dte', 'dep_heart', 'dep_diamond'),
)
# Peak learning rates of step 3 (Table 9): 5e-5 and 2e-4.
step3_rates = dict(
    optimizer=dict(lr=2e-4),
    paramwise_cfg=dict(
        custom_keys={'scene_graph_head.language_model': dict(lr_mult=0.25)}
    ),
)
# Step 4: still images are given, in training and in test; the estimators rest.
step4 = dict(train_given='image', test_given='image')
