# Step 1 of 4D-LLM on Tabletop-4D, the simulated world: the full recipe with a smaller
# model and another data set, for two CPU cores. As there, ImageBind, SAM2 and the
# language model begin pretrained, with the weights in checkpoints/tabletop.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/train.py configs/4dllm/tabletop/step1.py
#   python tools/test.py configs/4dllm/tabletop/step1.py CHECKPOINT
_base_ = ['./step1_scratch.py']

work_dir = 'work_dirs/tabletop/step1'

imagebind = 'checkpoints/tabletop/imagebind_mini.safetensors'

model = dict(
    scene_encoder=dict(
        frozen_encoders=True,
        rgb_encoder=dict(checkpoint=imagebind),
        depth_encoder=dict(checkpoint=imagebind),
    ),
    scene_graph_head=dict(
        language_model=dict(
            name_or_path='checkpoints/tabletop/tiny_llama_pretrained', pretrained=True
        ),
    ),
    tube_decoder=dict(
        checkpoint='checkpoints/tabletop/sam2_mini.safetensors',
        # As in the full recipe, the mask decoder trains alone.
        freeze=_base_.sam2_hiera_large['freeze'],
    ),
)
