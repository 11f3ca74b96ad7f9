"""Export of both encoders in the form of an ImageBind checkpoint."""

from torch import Tensor

from .encoders import ImageBindEncoder


def export_imagebind_weights(
    rgb_encoder: ImageBindEncoder, depth_encoder: ImageBindEncoder
) -> dict[str, Tensor]:
    """Join the weights of two encoders under the official keys.

    Args:
        rgb_encoder: Encoder of the modality ``'vision'``.
        depth_encoder: Encoder of the modality ``'depth'``.

    Returns:
        dict[str, Tensor]: Contiguous copies on the CPU, in the encoders' types. Saved
        by ``torch.save`` or ``safetensors.torch.save_file`` it is a checkpoint that
        :func:`load_imagebind_checkpoint` loads into either encoder.

    Raises:
        ValueError: The encoders are not of these modalities.
    """
    found = rgb_encoder.modality, depth_encoder.modality
    if found != ('vision', 'depth'):
        raise ValueError(
            f"the encoders are of the modalities {found}, expected ('vision', 'depth')"
        )
    weights = {**rgb_encoder.state_dict(), **depth_encoder.state_dict()}
    # Copies, since a file holds each weight on its own.
    return {
        key: value.detach().cpu().clone().contiguous() for key, value in weights.items()
    }
