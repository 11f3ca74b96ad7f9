# Action Genome as RGB clips of annotated frames, for temporal estimation (step 2b).
_base_ = ['./vg.py']

dataset_type = 'ActionGenomeDataset'
data_root = 'data/action_genome/'
num_frames = 16

train_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames, jitter=True),
    *_base_.train_pipeline[1:],
]
test_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames),
    *_base_.test_pipeline[1:],
]

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type=dataset_type,
        data_root=data_root,
        split='train',
        pipeline=train_pipeline,
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type, data_root=data_root, split='test', pipeline=test_pipeline
    )
)
test_dataloader = val_dataloader
