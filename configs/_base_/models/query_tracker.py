# The tracker of two-stage PSG4DFormer. Published limits are of other distances than
# those of queries.
tracker = dict(
    type='QueryTracker',
    max_distance=0.2,
    max_distance_same_category=0.4,
    min_iou=0.5,
    max_lost=30,
)
