# What a ResNet gets of depth: disparity in pixels, centred and scaled.
_base_ = ['./cameras.py']

disparity = dict(
    # From 3 pixels at 10 m to 32 at 1 m.
    psg4d_gta=dict(
        **_base_.cameras['psg4d_gta'], max_disparity=None, mean=10.0, std=10.0
    ),
    # From 33 pixels at 1 m to 111 at 30 cm.
    psg4d_hoi=dict(
        **_base_.cameras['psg4d_hoi'], max_disparity=None, mean=60.0, std=30.0
    ),
)
