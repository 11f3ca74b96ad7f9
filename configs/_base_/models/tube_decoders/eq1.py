# What SAM2 learns in step 1, at any size.
#
# The losses of Eq. 1, which has no weights: these are SAM2's.
eq1_losses = dict(
    loss_iou=dict(type='IoURegressionLoss', loss_weight=1.0),
    loss_dice=dict(type='MaskDiceLoss', loss_weight=1.0),
    loss_focal=dict(type='SigmoidFocalLoss', alpha=0.25, gamma=2.0, loss_weight=20.0),
    loss_object_score=dict(type='ObjectScoreLoss', loss_weight=1.0),
)
# The mask decoder trains alone, and how prompts enter it.
step1_freeze = (
    'image_encoder',
    'memory_attention',
    'memory_encoder',
    'sam_prompt_encoder',
    'obj_ptr_proj',
    'obj_ptr_tpos_proj',
    'maskmem_tpos_enc',
    'no_mem_embed',
    'no_obj_ptr',
    'no_obj_embed_spatial',
)
