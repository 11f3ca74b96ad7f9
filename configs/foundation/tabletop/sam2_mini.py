# Pretraining of the mini SAM2, third stage: prompts that tell where an object is and
# nothing else, which a language model can learn to give before it has seen a picture.
#
#   python tools/train.py configs/foundation/tabletop/sam2_mini_image.py
#   python tools/train.py configs/foundation/tabletop/sam2_mini_clips.py
#   python tools/model_converters/publish_foundation.py \
#     configs/foundation/tabletop/sam2_mini_clips.py \
#     work_dirs/foundation/sam2_mini_clips \
#     --out work_dirs/foundation/sam2_mini_clips/weights.safetensors
#   python tools/train.py configs/foundation/tabletop/sam2_mini.py
_base_ = ['./sam2_mini_clips.py']

work_dir = 'work_dirs/foundation/sam2_mini'
load_from = None

train_dataloader = dict(
    batch_size=4,
    dataset=dict(
        pipeline=[
            dict(type='SampleFrames', num_frames=3, jitter=True),
            *_base_.train_pipeline[1:],
        ]
    ),
)
model = dict(
    tube_decoder=dict(
        checkpoint='work_dirs/foundation/sam2_mini_clips/weights.safetensors',
        max_train_objects=6,
    ),
    kinds=dict(
        _delete_=True, point=0.05, box=0.15, mask=0.1, embedding=0.25, place=0.45
    ),
)
