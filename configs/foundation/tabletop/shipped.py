# The foundation weights that come with the code, in one model to be measured, not
# trained: lists of objects, graphs from words, and what [Obj] points at.
#
#   python tools/make_tabletop.py --seed 1 --train 0 --test 40 --unseen 0 \
#     --out data/tabletop_foundation
#   python tools/test.py configs/foundation/tabletop/shipped.py none
#   python tools/analysis_tools/ceilings.py words \
#     configs/foundation/tabletop/shipped.py none
_base_ = ['./tiny_llama.py', '../../_base_/models/grounding.py']

work_dir = 'work_dirs/foundation/shipped'

grounded = 'checkpoints/tabletop/tiny_llama_pretrained'
alignment = f'{grounded}/alignment.safetensors'

test_evaluator = [
    *_base_.val_evaluator,
    dict(type='PromptedSegmentationMetric', prefix='obj'),
]
val_evaluator = test_evaluator

model = dict(
    **{**_base_.grounding, 'promptable': None},
    scene_encoder=dict(
        aggregator=dict(checkpoint=alignment),
        token_merging=dict(checkpoint=alignment),
    ),
    scene_graph_head=dict(
        language_model=dict(name_or_path=grounded),
        projector=dict(checkpoint=alignment),
        decoder=dict(search=_base_.tabletop_head.decoder.search),
    ),
    scene_description=dict(checkpoint=alignment),
    prompt_losses=dict(
        **_base_.grounding_losses,
        tube_decoder=dict(
            sam2=_base_.sam2_mini.sam2,
            checkpoint='checkpoints/tabletop/sam2_mini.safetensors',
            prompt_checkpoint=alignment,
        ),
    ),
)
