"""Initialisation of a SAM2 that trains without a checkpoint."""

import torch
from sam2.modeling.sam2_base import SAM2Base
from torch import nn


@torch.no_grad()
def init_from_scratch(sam2: SAM2Base) -> None:
    """Let the mask decoder see the image from the first step on.

    As ``sam2`` initialises it, the image embedding is several times weaker than the
    constants that are added to it, and masks stay empty for long. Features are
    scaled up, the constant of absent mask prompts starts at zero, and the trunk's
    position embeddings start small instead of zero.

    Args:
        sam2: The model, changed in place.
    """
    for level in sam2.image_encoder.neck.convs:
        # Three times PyTorch's standard deviation.
        nn.init.normal_(level.conv.weight, std=(3 / level.conv.in_channels) ** 0.5)
    nn.init.zeros_(sam2.sam_prompt_encoder.no_mask_embed.weight)
    trunk = sam2.image_encoder.trunk
    nn.init.trunc_normal_(trunk.pos_embed, std=0.02)
    nn.init.trunc_normal_(trunk.pos_embed_window, std=0.02)


@torch.no_grad()
def init_prompt_projector(projector: nn.Linear, gain: float = 2.0) -> None:
    """Make prompt tokens as strong as the decoder's own, so that objects differ.

    Args:
        projector: From prompt embeddings of unit variance, changed in place.
        gain: Standard deviation of the tokens.
    """
    nn.init.normal_(projector.weight, std=gain * projector.in_features**-0.5)
    nn.init.zeros_(projector.bias)
