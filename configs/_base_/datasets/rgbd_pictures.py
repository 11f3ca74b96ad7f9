# RGB-D images with graphs and masks (3D scenes) in this project's own format
# (docs/your_own_data.md), each a video of one frame. 3DSSG publishes graphs of scans
# without pictures, so frames of PSG4D's videos take their place:
#
#   python tools/dataset_converters/videos_to_rgbd_images.py --dataset psg4d_gta \
#       --data-root data/psg4d_gta --out data/rgbd_pictures
_base_ = ['./vg.py']

pictures = dict(type='SceneGraphFileDataset', data_root='data/rgbd_pictures/')
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        **pictures,
        split='train',
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPanopticMasks', frames='sampled'),
            *_base_.train_pipeline[2:],
        ],
        filter_cfg=dict(min_relations=1),
    )
)
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        **pictures,
        split='val',
        test_mode=True,
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='LoadDepthFrames', missing='unknown'),
            dict(type='LoadPanopticMasks', frames='all'),
            *_base_.test_pipeline[2:],
        ],
    )
)
test_dataloader = val_dataloader
