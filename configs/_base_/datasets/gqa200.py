# GQA200: the 200 categories and 100 predicates of GQA that the field scores (Table 10),
# as published by the authors of SHA-GCL (github.com/dongxingning/SHA-GCL-for-SGG). To
# be tested on, not trained.
_base_ = ['./loaders.py']

train_dataloader = None
val_dataloader = None
test_dataloader = dict(
    dataset=dict(
        type='GQA200Dataset',
        data_root='data/gqa/',
        split='test',
        pipeline=[
            dict(type='SampleFrames', num_frames=1),
            dict(type='LoadRGBFrames'),
            dict(type='ResizeFrames', size=(1024, 1024), keep_ratio=True),
            dict(type='PackSceneGraphInputs'),
        ],
    )
)
