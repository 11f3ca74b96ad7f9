# The 2D scenes of step 4: Visual Genome and PSG (paper, Table 1 and D), each once;
# validation on PSG. Visual Genome has boxes, which are no masks: it trains the text.
_base_ = ['./loaders.py']

image_size = (1024, 1024)
# Sizes of the vocabularies, PSG's and the paper's of Visual Genome; which names the
# latter has is not published.
num_categories = dict(vg=5996, psg=133)
num_predicates = dict(vg=1014, psg=56)

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
                    num_categories=num_categories['vg'],
                    num_predicates=num_predicates['vg'],
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
