# PSG4DFormer's relation head; its width is that of the segmentor's queries. The weights
# of losses are PSG4D's and OpenPVSG's.
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
    pair_proposal=dict(type='PairProposal', hidden_channels=1024),
    loss_pair=dict(type='ZLPRLoss', loss_weight=1.0),
    loss_span=dict(type='ZLPRLoss', loss_weight=1.0),
    predicate_weight=5.0,
    max_pos_weight=50.0,
    unrelated=1.0,
    num_pairs=100,
    num_relations=100,
)
training_tubes = dict(type='TrainingTubes', kind='assigned', max_frames=900)
