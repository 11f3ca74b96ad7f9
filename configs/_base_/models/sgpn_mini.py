# SGPN small enough to train on two CPU cores.
_base_ = ['./sgpn_any_size.py']

model = dict(
    point_clouds=dict(num_object_points=128, num_pair_points=192),
    head=dict(
        object_encoder=dict(channels=(32, 64, 128)),
        pair_encoder=dict(channels=(32, 64, 128)),
        graph_network=dict(hidden_channels=128),
        hidden_channels=(128, 128),
    ),
)
