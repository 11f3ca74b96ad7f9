# Step 2 at the paper's sizes.
_base_ = [
    './scene_transcending_any_size.py',
    './frame_encoders/imagebind_huge.py',
    './scene_transcender.py',
]

model = dict(
    frame_encoder=_base_.imagebind_huge, scene_transcender=_base_.scene_transcender
)
