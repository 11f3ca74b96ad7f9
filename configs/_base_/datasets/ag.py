# Action Genome as RGB clips of annotated frames, for temporal estimation (step 2b) and
# to read graphs off them.
_base_ = ['./vg.py']

dataset_type = 'ActionGenomeDataset'
data_root = 'data/action_genome/'
num_frames = 16

# No graph is read; what reads one orders its objects, as vg.py does.
train_pipeline = [
    dict(type='SampleFrames', num_frames=num_frames, jitter=True),
    *(item for item in _base_.train_pipeline[1:] if item['type'] != 'OrderObjects'),
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

# With constraint a pair has one predicate of each type, without it any number (Table
# 12).
ag_evaluator = [
    dict(
        type='SGDetMetric',
        region='box',
        constraint=constraint,
        topk=(20, 50),
        prefix=prefix,
    )
    for prefix, constraint in (
        ('with_constraint', 'action-genome'),
        ('no_constraint', 'none'),
    )
]
