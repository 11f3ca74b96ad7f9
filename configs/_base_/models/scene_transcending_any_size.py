# Step 2 at any size: frozen encoders and the estimators that learn to estimate their
# features.
model = dict(
    type='SceneTranscendingPretrainer',
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    frame_encoder=dict(type='FrameEncoder'),
)
val_evaluator = dict(type='FeatureSimilarityMetric')
test_evaluator = val_evaluator
