# SGPN at the published size (github.com/ShunChengWu/3DSSG).
_base_ = ['./sgpn_any_size.py']

model = dict(
    point_clouds=dict(num_object_points=256, num_pair_points=512),
    head=dict(
        object_encoder=dict(channels=(64, 128, 256)),
        pair_encoder=dict(channels=(64, 128, 256)),
        graph_network=dict(hidden_channels=256),
        hidden_channels=(512, 256),
    ),
)
