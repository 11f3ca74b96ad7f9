# The relation head of one-stage PSG4DFormer, with Pair-Net's proposal of pairs.
encoder = dict(
    type='SpatialTemporalEncoder',
    spatial_layers=2,
    temporal_layers=2,
    num_heads=8,
    feedforward_channels=512,
)
relation_head = dict(
    type='RelationHead',
    subject_encoder=encoder,
    object_encoder=encoder,
    pair_proposal=dict(type='PairMatrixProposal', hidden_channels=64, kernel_size=7),
    loss_pair=dict(type='PairBCELoss', loss_weight=5.0, max_pos_weight=50.0),
    loss_span=dict(type='ZLPRLoss', loss_weight=1.0),
    predicate_weight=5.0,
    max_pos_weight=50.0,
    unrelated=1.0,
    num_pairs=100,
    num_relations=100,
)
