# Step 2a on Tabletop-4D: F_de learns from pairs of RGB and depth.
#
#   python tools/make_tabletop.py --out data/tabletop --layouts diml --train 200 \
#       --test 20 --unseen 0 --stills 3 --frames 12
#   python tools/train.py configs/4dllm/tabletop/step2a.py
_base_ = [
    '../step2a_diml.py',
    '../../_base_/models/frame_encoders/imagebind_mini.py',
    '../../_base_/models/scene_transcender_mini.py',
    '../../_base_/schedules/tabletop_step2.py',
]

work_dir = 'work_dirs/tabletop/step2a'
data_root = 'data/tabletop/diml/'
image_size = (144, 192)
train_pipeline = [
    dict(item, size=image_size) if item['type'] == 'ResizeFrames' else item
    for item in _base_.train_pipeline
]
test_pipeline = [
    dict(item, size=image_size) if item['type'] == 'ResizeFrames' else item
    for item in _base_.test_pipeline
]
train_dataloader = dict(
    batch_size=32,
    num_workers=2,
    dataset=dict(data_root=data_root, pipeline=train_pipeline, num_pairs=None),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=1,
    dataset=dict(data_root=data_root, pipeline=test_pipeline),
)
test_dataloader = val_dataloader

model = dict(
    frame_encoder=dict(type='FrameEncoder', **_base_.imagebind_mini, _delete_=True),
    scene_transcender=_base_.scene_transcender_mini,
)

optim_wrapper = _base_.tabletop_step2_optimizer
param_scheduler = [_base_.tabletop_step2_warm_up, _base_.whole_cosine]
max_epochs = 4
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
auto_scale_lr = dict(base_batch_size=32)
