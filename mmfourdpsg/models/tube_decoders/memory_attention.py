"""Memory attention of SAM2 that computes what objects have in common once."""

from sam2.modeling.memory_attention import MemoryAttention
from torch import Tensor


class SharedMemoryAttention(MemoryAttention):
    """SAM2's memory attention, the same in its weights and in what it returns.

    Before they meet their memories, all objects of a frame have the same features. The
    first layer's self-attention sees nothing else, so that it is computed once where
    features come as one row that is expanded to all objects.

    Shapes: ``N`` objects, ``P`` places of a frame, ``M`` of the memories, ``C``
    channels, ``Cm`` of the memories.
    """

    def forward(
        self,
        curr: list[Tensor],
        memory: Tensor,
        curr_pos: list[Tensor],
        memory_pos: Tensor,
        num_obj_ptr_tokens: int = 0,
    ) -> Tensor:
        """Return the frame's features as each object's memory lets them appear.

        Args:
            curr: Features of the frame, one level ``[P, N, C]``.
            memory: Memories, with pointers behind them ``[M, N, Cm]``.
            curr_pos: Position encoding of the features, one level ``[P, N, C]``.
            memory_pos: That of the memories ``[M, N, Cm]``.
            num_obj_ptr_tokens: How many of the memories are pointers.

        Returns:
            Tensor: ``[P, N, C]``.
        """
        (frame,), (frame_pos,) = curr, curr_pos
        if frame.stride(1) == 0:
            frame, frame_pos = frame[:, :1], frame_pos[:, :1]
        output, position = frame.transpose(0, 1), frame_pos.transpose(0, 1)
        output = output + 0.1 * position  # [1 or N, P, C]
        memory, memory_pos = memory.transpose(0, 1), memory_pos.transpose(0, 1)
        for layer in self.layers:
            output = layer._forward_sa(output, position)
            output = layer._forward_ca(
                output.expand(len(memory), -1, -1),
                memory,
                position,
                memory_pos,
                num_obj_ptr_tokens,
            )
            hidden = layer.linear1(layer.norm3(output))
            hidden = layer.linear2(layer.dropout(layer.activation(hidden)))
            output = output + layer.dropout3(hidden)
        return self.norm(output).transpose(0, 1)
