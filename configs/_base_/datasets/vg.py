# Visual Genome: 108,077 images with boxes and without masks or published splits.
_base_ = ['./psg.py']

dataset_type = 'VisualGenomeDataset'
data_root = 'data/vg/'

train_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
    dict(type='ResizeFrames', size=_base_.image_size, keep_ratio=True),
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='RandomColourJitter'),
    dict(type='OrderObjects', by_category=True),
    dict(type='PackSceneGraphInputs'),
]
test_pipeline = [
    dict(type='SampleFrames', num_frames=_base_.num_frames),
    dict(type='LoadRGBFrames'),
    dict(type='ResizeFrames', size=_base_.image_size, keep_ratio=True),
    dict(type='PackSceneGraphInputs'),
]

train_dataloader = dict(
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        pipeline=train_pipeline,
        # The size of the paper's vocabulary; which names it has is not published.
        num_categories=5996,
        num_predicates=1014,
        filter_cfg=dict(min_relations=1),
    )
)
val_dataloader = dict(
    dataset=dict(
        type=dataset_type, data_root=data_root, split='train', pipeline=test_pipeline
    )
)
test_dataloader = val_dataloader
