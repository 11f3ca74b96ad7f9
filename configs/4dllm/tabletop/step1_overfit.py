# Step 1 of 4D-LLM on a single scene, to see that everything is wired right: after ten
# minutes the model gives back the scene's own graph.
#
#   python tools/train.py configs/4dllm/tabletop/step1_overfit.py
_base_ = ['./step1_scratch.py']

work_dir = 'work_dirs/tabletop/step1_overfit'

scene = dict(
    type='PSG4DGTADataset',
    data_root='data/tabletop/psg4d_gta/',
    split='train',
    indices=1,
)
train_dataloader = dict(
    batch_size=1,
    num_workers=1,
    dataset=dict(
        _delete_=True,
        type='SceneGraphRepeatDataset',
        times=5,
        dataset=dict(
            **scene,
            pipeline=[
                dict(type='SampleFrames', num_frames=_base_.num_frames, jitter=True),
                dict(type='LoadRGBFrames'),
                dict(type='LoadDepthFrames'),
                dict(type='LoadPanopticMasks', frames='sampled'),
                dict(type='ResizeFrames', size=_base_.image_size),
                dict(type='OrderObjects', by_category=True),
                dict(type='PackSceneGraphInputs'),
            ],
        ),
    ),
)
val_dataloader = dict(batch_size=1, dataset=scene)
test_dataloader = val_dataloader

# Every object in every step.
model = dict(tube_decoder=dict(max_train_frames=4, max_train_objects=None))

optim_wrapper = dict(optimizer=dict(weight_decay=0.0))
train_cfg = dict(max_epochs=100, val_interval=100)
default_hooks = dict(checkpoint=dict(interval=100))
auto_scale_lr = dict(base_batch_size=1)
