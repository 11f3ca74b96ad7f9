# Step 2: frozen encoders and the estimators that learn to estimate their features.
_base_ = ['./frame_encoders/imagebind_huge.py', './scene_transcender.py']

model = dict(
    type='SceneTranscendingPretrainer',
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    frame_encoder=dict(type='FrameEncoder', **_base_.imagebind_huge),
    scene_transcender=_base_.scene_transcender,
)
val_evaluator = dict(type='FeatureSimilarityMetric')
test_evaluator = val_evaluator
