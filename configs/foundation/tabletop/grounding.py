# Pretraining of the tiny LLaMA and SAM2 together: grounding. What stands
# behind `[Obj]` and the SAM2 that it prompts learn from each other to find the objects
# of a list, in two frames of a video at a time. Graphs are still read from words alone.
#
#   python tools/train.py configs/foundation/tabletop/tiny_llama.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/tiny_llama.py work_dirs/foundation/tiny_llama \
#     --out work_dirs/foundation/tiny_llama/weights
#   python tools/train.py configs/foundation/tabletop/grounding.py
_base_ = ['./tiny_llama.py']

work_dir = 'work_dirs/foundation/grounding'

aligned = 'work_dirs/foundation/tiny_llama/weights'
alignment = f'{aligned}/alignment.safetensors'

val_evaluator = [
    *_base_.val_evaluator,
    dict(type='PromptedSegmentationMetric', prefix='obj'),
]
test_evaluator = val_evaluator

model = dict(
    scene_encoder=dict(
        aggregator=dict(checkpoint=alignment),
        token_merging=dict(checkpoint=alignment),
    ),
    scene_graph_head=dict(
        language_model=dict(name_or_path=aligned), projector=dict(checkpoint=alignment)
    ),
    scene_description=dict(checkpoint=alignment),
    named_patches=None,
    place_loss=dict(place_weight=2.0),
    prompt_losses=dict(
        tube_decoder=dict(freeze=(), prompt_checkpoint=alignment, max_train_objects=6),
        train_decoder=True,
        object_embedding=None,
        prompt_weight=0.0,
    ),
    # SAM2 shall not forget how to follow what is pointed at.
    promptable=dict(num_videos=2, kinds=dict(point=0.2, box=0.5, mask=0.3)),
    image_frames=2,
    align_weight=0.0,
    align_steps=0,
)

max_epochs = 5
optim_wrapper = dict(
    optimizer=dict(lr=6e-4),
    paramwise_cfg=dict(
        custom_keys={
            'scene_graph_head.language_model': dict(lr_mult=0.5),
        }
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=False, begin=0, end=50),
    _base_.whole_cosine,
]
train_cfg = dict(max_epochs=max_epochs, val_interval=1)
