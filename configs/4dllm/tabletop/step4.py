# Step 4 on Tabletop-4D: pictures with graphs, in the layouts of Visual Genome (boxes)
# and PSG (masks), are transcended to pseudo-4D scenes. Validated on 4D scenes.
#
#   python tools/make_tabletop.py --held-out --seed 3 --layouts vg psg --train 200 \
#       --test 20 --unseen 0 --stills 3 --frames 12 --out data/tabletop_held_out
#   python tools/train.py configs/4dllm/tabletop/step4.py
_base_ = [
    './step1_scarce.py',
    '../../_base_/models/scene_transcender.py',
    '../../_base_/models/scene_transcender_mini.py',
]

work_dir = 'work_dirs/tabletop/step4'
load_from = 'work_dirs/tabletop/step3/epoch_16.pth'
model = dict(
    scene_transcender=dict(
        dict(_base_.scene_transcender, **_base_.scene_transcender_mini), trains=[]
    ),
    **dict(_base_.step4, test_given='4d'),
)

left_out = ('LoadDepthFrames',)
psg_pipeline = [
    dict(item, num_frames=1, jitter=False) if item['type'] == 'SampleFrames' else item
    for item in _base_.train_pipeline
    if item['type'] not in left_out
]
# Boxes are no masks: Visual Genome trains the text alone.
vg_pipeline = [item for item in psg_pipeline if item['type'] != 'LoadPanopticMasks']
train_dataloader = dict(
    batch_size=4,
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            dict(
                type='VisualGenomeDataset',
                data_root='data/tabletop_held_out/vg/',
                split='train',
                pipeline=vg_pipeline,
            ),
            dict(
                type='PSGDataset',
                data_root='data/tabletop_held_out/psg/',
                split='train',
                pipeline=psg_pipeline,
            ),
        ],
        ignore_keys=['thing_classes', 'stuff_classes', 'predicates'],
    ),
)

# LLaMA-2 has read of everything that pictures show; the words that are held out here
# the tiny language model has never met, and at Table 9's rate it never writes them. So
# its words learn fast, and all else at a fifth of those rates, as in step1.py.
language_model = 'scene_graph_head.language_model'
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(
        custom_keys={
            language_model: dict(lr_mult=1.0),
            f'{language_model}.model.model.embed_tokens': dict(lr_mult=10.0),
        }
    ),
)
max_epochs = 3
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
