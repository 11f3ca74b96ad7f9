# SGPN at any size: what the full recipes and the mini ones have in common.
model = dict(
    type='SGPN',
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    # Published: no share, so that a small thing on a large one may have no points.
    point_clouds=dict(type='PointCloudSampler', end_share=0.25),
    head=dict(
        type='PointGraphHead',
        object_encoder=dict(type='PointNet'),
        pair_encoder=dict(type='PointNet'),
        graph_network=dict(type='TripletGCN', num_layers=5),
        dropout=0.3,
        category_weight=0.1,
        predicate_weight=1.0,
        balance_categories=True,
        max_pos_weight=50.0,
    ),
    named_by='points',
    max_objects=40,
    num_relations=100,
)
