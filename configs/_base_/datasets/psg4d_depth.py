# Both parts of PSG4D as sequences of depth, for temporal estimation of depth (step 2c).
_base_ = ['./psg4d_gta_hoi.py']

# No graph is read.
train_pipeline = [
    item
    for item in _base_.train_pipeline
    if item['type'] not in ('LoadPanopticMasks', 'OrderObjects')
]
test_pipeline = [
    item for item in _base_.test_pipeline if item['type'] != 'LoadPanopticMasks'
]

depth_gta, depth_hoi = _base_.train_dataloader.dataset.datasets
train_dataloader = dict(
    dataset=dict(
        datasets=[
            dict(depth_gta, dataset=dict(depth_gta.dataset, pipeline=train_pipeline)),
            dict(depth_hoi, pipeline=train_pipeline),
        ]
    )
)
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
