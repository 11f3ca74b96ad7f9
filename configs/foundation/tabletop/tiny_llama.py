# Pretraining of the tiny LLaMA on the text of scene graphs alone.
#
#   python tools/make_tabletop.py --seed 1 --train 900 --test 40 --unseen 0 \
#     --out data/tabletop_foundation
#   python tools/train.py configs/foundation/tabletop/tiny_llama.py
_base_ = ['../../4dllm/tabletop/step1_scratch.py']

work_dir = 'work_dirs/foundation/tiny_llama'
data_root = 'data/tabletop_foundation/psg4d_gta/'

pipeline = [dict(type='PackSceneGraphText')]
train_dataloader = dict(
    batch_size=16, dataset=dict(data_root=data_root, pipeline=pipeline)
)
val_dataloader = dict(
    batch_size=8,
    dataset=dict(data_root=data_root, pipeline=pipeline, test_mode=False),
)
test_dataloader = val_dataloader
val_evaluator = dict(_delete_=True, type='SceneGraphTextMetric')
test_evaluator = val_evaluator

model = dict(
    _delete_=True,
    type='SceneGraphTextPretrainer',
    scene_graph_head=_base_.model.scene_graph_head,
)

max_epochs = 3
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=50),
    dict(
        type='CosineAnnealingLR',
        by_epoch=True,
        begin=0,
        T_max=max_epochs,
        end=max_epochs,
        eta_min=0.0,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(max_epochs=max_epochs, val_interval=3)
