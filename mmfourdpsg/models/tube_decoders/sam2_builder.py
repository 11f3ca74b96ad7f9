"""Builder of SAM2 from sizes, out of the classes of the package ``sam2``."""

from collections.abc import Mapping

from sam2.modeling.backbones.hieradet import Hiera
from sam2.modeling.backbones.image_encoder import FpnNeck, ImageEncoder
from sam2.modeling.memory_attention import MemoryAttentionLayer
from sam2.modeling.memory_encoder import CXBlock, Fuser, MaskDownSampler, MemoryEncoder
from sam2.modeling.position_encoding import PositionEmbeddingSine
from sam2.modeling.sam.transformer import RoPEAttention

from .full_precision import keep_full_precision
from .memory_attention import SharedMemoryAttention
from .prompted_sam2 import PromptedSAM2

# Feature strides: the image embedding has 1/16 of the image's rows, masks have 1/4.
EMBEDDING_STRIDE = 16


def build_sam2(
    image_size: int = 1024,
    trunk: Mapping | None = None,
    embed_dims: int = 256,
    memory_dims: int = 64,
    memory_attention_layers: int = 4,
    memory_attention_channels: int = 2048,
    memory_dropout: float = 0.1,
    memory_fuser_layers: int = 2,
    num_maskmem: int = 7,
    max_object_pointers: int = 16,
) -> PromptedSAM2:
    """Build SAM2.1; the defaults are SAM2.1-Large.

    Everything that is not a size follows SAM2.1's own configuration, except that
    each prompt gives one mask: its three-mask output is for ambiguous clicks, and
    its setting ``multimask_min_pt_num: 0`` would turn it on for prompts without
    points.

    Args:
        image_size: Rows and columns of the square input, a multiple of 32, in
            pixels.
        trunk: Arguments of ``sam2``'s ``Hiera``; None takes the Large ones.
        embed_dims: Channels of image embedding and prompt tokens.
        memory_dims: Channels of the spatial memories; divides ``embed_dims``.
        memory_attention_layers: Layers of the memory attention.
        memory_attention_channels: Width of their feed-forward layers.
        memory_dropout: Dropout of the memory attention.
        memory_fuser_layers: Blocks that fuse image and mask into a memory.
        num_maskmem: Memories that a frame attends to, the first frame's included.
        max_object_pointers: Object pointers that a frame attends to.

    Returns:
        The model, with random weights.

    Raises:
        ValueError: The image size is no multiple of 32.
    """
    if image_size % 32:
        raise ValueError(f'image_size is {image_size}, expected a multiple of 32')
    return PromptedSAM2(
        image_encoder=_image_encoder(trunk or HIERA_LARGE, embed_dims),
        memory_attention=_memory_attention(
            image_size // EMBEDDING_STRIDE,
            embed_dims,
            memory_dims,
            memory_attention_layers,
            memory_attention_channels,
            memory_dropout,
        ),
        memory_encoder=_memory_encoder(embed_dims, memory_dims, memory_fuser_layers),
        image_size=image_size,
        backbone_stride=EMBEDDING_STRIDE,
        num_maskmem=num_maskmem,
        max_obj_ptrs_in_encoder=max_object_pointers,
        sigmoid_scale_for_mem_enc=20.0,
        sigmoid_bias_for_mem_enc=-10.0,
        directly_add_no_mem_embed=True,
        no_obj_embed_spatial=True,
        use_high_res_features_in_sam=True,
        multimask_output_in_sam=False,
        iou_prediction_use_sigmoid=True,
        use_obj_ptrs_in_encoder=True,
        add_tpos_enc_to_obj_ptrs=True,
        proj_tpos_enc_in_obj_ptrs=True,
        use_signed_tpos_enc_to_obj_ptrs=True,
        only_obj_ptrs_in_the_past_for_eval=True,
        pred_obj_scores=True,
        pred_obj_scores_mlp=True,
        fixed_no_obj_ptr=True,
        use_mlp_for_obj_ptr_proj=True,
    )


HIERA_LARGE = dict(
    embed_dim=144,
    num_heads=2,
    stages=(2, 6, 36, 4),
    global_att_blocks=(23, 33, 43),
    window_pos_embed_bkg_spatial_size=(7, 7),
    window_spec=(8, 4, 16, 8),
)


def _sine(channels: int) -> PositionEmbeddingSine:
    return PositionEmbeddingSine(channels, normalize=True, warmup_cache=False)


def _image_encoder(trunk: Mapping, embed_dims: int) -> ImageEncoder:
    hiera = Hiera(**trunk)
    neck = FpnNeck(
        position_encoding=_sine(embed_dims),
        d_model=embed_dims,
        backbone_channel_list=hiera.channel_list,
        # The two finest levels come from the trunk alone.
        fpn_top_down_levels=[2, 3],
        fpn_interp_model='nearest',
    )
    # The coarsest level only serves the one above it.
    return ImageEncoder(trunk=hiera, neck=neck, scalp=1)


def _memory_attention(
    grid: int, embed_dims: int, memory_dims: int, layers: int, hidden: int, drop: float
) -> SharedMemoryAttention:
    rotary = dict(
        embedding_dim=embed_dims,
        num_heads=1,
        downsample_rate=1,
        dropout=drop,
        rope_theta=10000.0,
        feat_sizes=(grid, grid),
    )
    layer = MemoryAttentionLayer(
        activation='relu',
        d_model=embed_dims,
        dim_feedforward=hidden,
        dropout=drop,
        pos_enc_at_attn=False,
        pos_enc_at_cross_attn_keys=True,
        pos_enc_at_cross_attn_queries=False,
        self_attention=RoPEAttention(**rotary),
        cross_attention=RoPEAttention(
            **rotary, rope_k_repeat=True, kv_in_dim=memory_dims
        ),
    )
    return SharedMemoryAttention(embed_dims, True, layer, layers)


def _memory_encoder(embed_dims: int, memory_dims: int, layers: int) -> MemoryEncoder:
    block = CXBlock(embed_dims, kernel_size=7, padding=3, layer_scale_init_value=1e-6)
    block.dwconv = keep_full_precision(block.dwconv)
    return MemoryEncoder(
        out_dim=memory_dims,
        in_dim=embed_dims,
        mask_downsampler=MaskDownSampler(
            embed_dims, kernel_size=3, stride=2, padding=1
        ),
        fuser=Fuser(block, layers),
        position_encoding=_sine(memory_dims),
    )
