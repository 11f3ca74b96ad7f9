"""Data preprocessor that pads videos to one batch."""

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from mmfourdpsg.registry import MODELS


@MODELS.register_module()
class SceneGraphDataPreprocessor(BaseDataPreprocessor):
    """Pads the videos of a batch to common size and moves them to the device.

    Frames are padded at the end, pixels at the bottom and right, with zeros: black,
    and unknown depth and points. Numbers keep their types: colours stay uint8, since
    each encoder normalises in its own way.

    Shapes: ``B`` videos, ``T`` frames of the longest, ``H`` x ``W`` pixels of the
    highest and widest.

    Args:
        non_blocking: Whether copies to the device may overlap with computing.
    """

    def __init__(self, non_blocking: bool = False) -> None:
        super().__init__(non_blocking)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Make the batch.

        Args:
            data: ``inputs`` with lists ``rgb`` of ``[T_b, 3, H_b, W_b]`` and ``depth``
                of ``[T_b, H_b, W_b]``, perhaps ``points`` of ``[T_b, H_b, W_b, 3]``,
                and the list ``data_samples``.
            training: Unused.

        Returns:
            ``inputs`` with ``rgb`` ``[B, T, 3, H, W]``, ``depth`` ``[B, T, H, W]`` in
            metres (0 = unknown), ``frame_mask`` ``[B, T]`` (True = real frame) and,
            where given, ``points`` ``[B, T, H, W, 3]`` (all 0 = unknown); and
            ``data_samples``.

        Raises:
            ValueError: A video's depth does not fit its colours.
        """
        data = self.cast_data(data)
        rgb, depth = data['inputs']['rgb'], data['inputs']['depth']
        for colours, distances in zip(rgb, depth, strict=True):
            expected = (len(colours), *colours.shape[2:])
            if distances.shape != expected:
                raise ValueError(
                    f'depth has shape {tuple(distances.shape)}, expected {expected}'
                )
        frame_mask = pad_sequence([c.new_ones(len(c), dtype=torch.bool) for c in rgb])
        inputs = dict(
            rgb=pad_sequence(rgb), depth=pad_sequence(depth), frame_mask=frame_mask
        )
        if 'points' in data['inputs']:
            inputs['points'] = pad_sequence(data['inputs']['points'])
        return dict(inputs=inputs, data_samples=data.get('data_samples'))


def pad_sequence(tensors: list[Tensor]) -> Tensor:
    """Stack tensors, padded with zeros at the end of each dimension.

    Args:
        tensors: ``B`` tensors of the same number of dimensions and type.

    Returns:
        ``[B, ...]`` with the largest size of each dimension.
    """
    shapes = zip(*(tensor.shape for tensor in tensors), strict=True)
    batch = tensors[0].new_zeros(len(tensors), *(max(sizes) for sizes in shapes))
    for row, tensor in zip(batch, tensors, strict=True):
        row[tuple(slice(size) for size in tensor.shape)] = tensor
    return batch
