# Both parts of PSG4D for training, videos of GTA ten times as often as there are, since
# there are 67 of them and 2,973 of HOI; validation on GTA.
_base_ = ['./psg4d_hoi.py']

hoi = _base_.train_dataloader.dataset
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            dict(
                type='SceneGraphRepeatDataset',
                times=10,
                dataset=dict(hoi, type='PSG4DGTADataset', data_root='data/psg4d_gta/'),
            ),
            hoi,
        ],
        ignore_keys=['thing_classes', 'stuff_classes', 'predicates'],
    )
)
val_dataloader = dict(
    dataset=dict(type='PSG4DGTADataset', data_root='data/psg4d_gta/', split='test')
)
test_dataloader = val_dataloader
