# What grounding of the tiny LLaMA and SAM2 changes of their alignment, in both stages.
grounding = dict(
    named_patches=None,
    place_loss=dict(place_weight=2.0),
    # SAM2 shall not forget how to follow what is pointed at.
    promptable=dict(num_videos=2, kinds=dict(point=0.2, box=0.5, mask=0.3)),
    image_frames=2,
    align_weight=0.0,
    align_steps=0,
)
grounding_losses = dict(train_decoder=True, object_embedding=None, prompt_weight=0.0)
