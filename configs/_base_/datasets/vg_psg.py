# The 2D scenes of step 4: Visual Genome and PSG (paper, Table 1 and D), each once;
# validation on PSG. Visual Genome has boxes, which are no masks: it trains the text.
_base_ = ['./loaders.py']

image_size = (1024, 1024)

train_dataloader = dict(
    batch_size=4,
    num_workers=8,
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            dict(
                type='SceneGraphRepeatDataset',
                times=1,
                dataset=dict(
                    type='VisualGenomeDataset',
                    data_root='data/vg/',
                    split='train',
                    # The size of the paper's vocabulary; which names it has is not
                    # published.
                    num_categories=5996,
                    num_predicates=1014,
                    filter_cfg=dict(min_relations=1),
                    pipeline=[
                        dict(type='SampleFrames', num_frames=1),
                        dict(type='LoadRGBFrames'),
                        dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
                        dict(type='ResizeFrames', size=image_size, keep_ratio=True),
                        dict(type='RandomHorizontalFlip', prob=0.5),
                        dict(type='RandomColourJitter'),
                        dict(type='DescribeObjects'),
                        dict(type='OrderObjects', by_category=True),
                        dict(type='PackSceneGraphInputs'),
                    ],
                ),
            ),
            dict(
                type='SceneGraphRepeatDataset',
                times=1,
                dataset=dict(
                    type='PSGDataset',
                    data_root='data/',
                    split='train',
                    filter_cfg=dict(min_relations=1),
                    pipeline=[
                        dict(type='SampleFrames', num_frames=1),
                        dict(type='LoadRGBFrames'),
                        dict(type='LoadPanopticMasks', frames='sampled'),
                        dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
                        dict(type='ResizeFrames', size=image_size, keep_ratio=True),
                        dict(type='RandomHorizontalFlip', prob=0.5),
                        dict(type='RandomColourJitter'),
                        dict(type='DescribeObjects'),
                        dict(type='OrderObjects', by_category=True),
                        dict(type='PackSceneGraphInputs'),
                    ],
                ),
            ),
        ],
        ignore_keys=['thing_classes', 'stuff_classes', 'predicates'],
    ),
)
val_dataloader = dict(
    dataset=dict(
        type='PSGDataset',
        data_root='data/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='ResizeFrames', size=image_size, keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
test_dataloader = val_dataloader

val_evaluator = dict(type='SGDetMetric', region='mask', topk=(20, 50, 100))
test_evaluator = val_evaluator
