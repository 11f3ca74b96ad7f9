# RGB-D images with graphs and masks (3D scenes) in this project's own format
# (docs/your_own_data.md), each a video of one frame. 3DSSG publishes graphs of scans
# without images, so frames of PSG4D's videos take their place:
#
#   python tools/dataset_converters/videos_to_rgbd_images.py --dataset psg4d_gta \
#       --data-root data/psg4d_gta --out data/rgbd_pictures
_base_ = ['./loaders.py']

image_size = (1024, 1024)

train_dataloader = dict(
    batch_size=4,
    num_workers=8,
    dataset=dict(
        type='SceneGraphFileDataset',
        data_root='data/rgbd_pictures/',
        filter_cfg=dict(min_relations=1),
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
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
)
val_dataloader = dict(
    dataset=dict(
        type='SceneGraphFileDataset',
        data_root='data/rgbd_pictures/',
        split='val',
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPanopticMasks', frames='all'),
            dict(type='ResizeFrames', size=image_size, keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
test_dataloader = val_dataloader

val_evaluator = dict(type='SGDetMetric', region='mask', topk=(20, 50, 100))
test_evaluator = val_evaluator
