# 4D-LLM at any size: what the full recipes and the mini ones have in common.
#
# The text lists the objects before it relates them, and the [Obj] of that list prompts
# the tubes: so it was shown to learn on Tabletop-4D (docs/training.md). The paper's
# form of both is configs/4dllm/tabletop/step1_paper_form.py.
model = dict(
    type='FourDLLM',
    # What does not train comes from files that the config names, not from checkpoints.
    save_frozen=False,
    data_preprocessor=dict(type='SceneGraphDataPreprocessor'),
    scene_encoder=dict(
        type='SceneEncoder',
        aggregator=dict(type='SAGate'),
        token_merging=dict(type='DPCKNNTokenMerging'),
    ),
    scene_graph_head=dict(
        type='LLMSceneGraphHead',
        projector=dict(type='MLPProjector'),
        text_format=dict(type='DirectTextFormat', objects_first=True),
        prompt_with='first',
        loss_weight=1.0,
        # One answer does not hold as many relations as recall is cut at.
        num_samples=8,
        # One row a triplet, with the best span.
        decoder=dict(span_iou=0.0),
    ),
    tube_decoder=dict(
        type='SAM2TubeDecoder',
        # The mask decoder trains alone, and how prompts enter it.
        freeze=(
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
        ),
        # The losses of Eq. 1, which has no weights: these are SAM2's.
        loss_iou=dict(type='IoURegressionLoss', loss_weight=1.0),
        loss_dice=dict(type='MaskDiceLoss', loss_weight=1.0),
        loss_focal=dict(
            type='SigmoidFocalLoss', alpha=0.25, gamma=2.0, loss_weight=20.0
        ),
        loss_object_score=dict(type='ObjectScoreLoss', loss_weight=1.0),
    ),
    # Eight samples name many objects that are one thing: what is one by the rule of the
    # assembler below, in three frames, is followed once.
    object_selector=dict(
        type='ObjectSelector',
        num_frames=3,
        merge_iou=0.7,
        other_name_iou=0.7,
        prompt='best',
        # Objects that no relation needs belong to a panoptic graph, too.
        drop_unrelated=False,
        max_relations=100,
    ),
    # Best panoptic quality and F1 of objects on videos of Tabletop-4D that nothing was
    # trained or tested on (docs/results_first_edition.md, "Panoptic graphs").
    assembler=dict(
        type='SceneGraphAssembler', merge_iou=0.7, min_share=0.25, span_iou=0.0
    ),
)
