# Images of the world of tabletop_held_out.py with graphs, in the layouts of Visual
# Genome (boxes) and PSG (masks). Validated on its 4D scenes.
#
#   python tools/make_tabletop.py --held-out --seed 3 --layouts vg psg --train 200 \
#       --test 20 --unseen 0 --images 3 --frames 12 --out data/tabletop_held_out
_base_ = ['./tabletop.py']

flip = dict(type='RandomHorizontalFlip', prob=0.5, swap_objects=_base_.left_first)
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            # Boxes are no masks: Visual Genome trains the text alone.
            dict(
                type='VisualGenomeDataset',
                data_root='data/tabletop_held_out/vg/',
                split='train',
                pipeline=[
                    dict(type='SampleFrames', num_frames=1, jitter=False),
                    dict(type='LoadRGBFrames'),
                    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
                    dict(type='ResizeFrames', size=_base_.image_size),
                    flip,
                    dict(type='RandomColourJitter'),
                    dict(type='OrderObjects', by_category=True),
                    dict(type='PackSceneGraphInputs'),
                ],
            ),
            dict(
                type='PSGDataset',
                data_root='data/tabletop_held_out/psg/',
                split='train',
                pipeline=[
                    dict(type='SampleFrames', num_frames=1, jitter=False),
                    dict(type='LoadRGBFrames'),
                    dict(type='LoadPanopticMasks', frames='sampled'),
                    dict(type='RandomCropFrames', min_scale=0.8, prob=0.5),
                    dict(type='ResizeFrames', size=_base_.image_size),
                    flip,
                    dict(type='RandomColourJitter'),
                    dict(type='OrderObjects', by_category=True),
                    dict(type='PackSceneGraphInputs'),
                ],
            ),
        ],
        ignore_keys=['thing_classes', 'stuff_classes', 'predicates'],
    ),
)
data_root = 'data/tabletop_held_out/psg4d_gta/'
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader
