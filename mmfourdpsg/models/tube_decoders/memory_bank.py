"""Memory bank of SAM2: its outputs in the frames before."""

from torch import Tensor


class MemoryBank:
    """Past outputs of a group of objects, no more than a frame can attend to.

    The first frame stays for good (it is SAM2's conditioning frame); of the others
    the last ``num_maskmem - 1`` keep their spatial memory and the last
    ``max_object_pointers - 1`` their object pointer. So memory does not grow with
    the video.

    Args:
        num_maskmem: Memories that a frame attends to.
        max_object_pointers: Object pointers that a frame attends to.
    """

    def __init__(self, num_maskmem: int, max_object_pointers: int) -> None:
        self.num_maskmem = num_maskmem
        self.max_object_pointers = max_object_pointers
        self.next_frame = 0
        self.outputs: dict[str, dict[int, dict]] = dict(
            cond_frame_outputs={}, non_cond_frame_outputs={}
        )

    def copy(self) -> 'MemoryBank':
        """Return a bank of the same memories, to which others can be added."""
        bank = MemoryBank(self.num_maskmem, self.max_object_pointers)
        bank.next_frame = self.next_frame
        bank.outputs = {kind: dict(frames) for kind, frames in self.outputs.items()}
        return bank

    def add(self, features: Tensor, positions: list[Tensor], pointer: Tensor) -> None:
        """Remember the next frame.

        Args:
            features: Spatial memory ``[N, Cm, gh, gw]``.
            positions: Its position encoding, one level.
            pointer: Object pointers ``[N, C]``.
        """
        output = dict(
            maskmem_features=features, maskmem_pos_enc=positions, obj_ptr=pointer
        )
        frame, self.next_frame = self.next_frame, self.next_frame + 1
        if frame == 0:
            self.outputs['cond_frame_outputs'][0] = output
            return
        others = self.outputs['non_cond_frame_outputs']
        others[frame] = output
        for seen in list(others):
            age = self.next_frame - seen
            if age >= max(self.max_object_pointers, self.num_maskmem):
                del others[seen]
            elif age >= self.num_maskmem and 'maskmem_features' in others[seen]:
                others[seen] = dict(obj_ptr=others[seen]['obj_ptr'])

    def __len__(self) -> int:
        """Return how many frames are remembered in any form."""
        return sum(len(outputs) for outputs in self.outputs.values())
