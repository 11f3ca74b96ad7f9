import torch

from mmfourdpsg.models.tube_decoders import MemoryBank


def add(bank):
    bank.add(torch.zeros(1, 2, 2, 2), [torch.zeros(1)], torch.zeros(1, 4))


def test_the_bank_keeps_what_the_next_frame_reads_and_no_more():
    bank = MemoryBank(num_maskmem=4, max_object_pointers=6)
    sizes = []
    for _ in range(30):
        add(bank)
        sizes.append(len(bank))
    assert sizes == [1, 2, 3, 4, 5] + [6] * 25
    assert list(bank.outputs['cond_frame_outputs']) == [0]
    others = bank.outputs['non_cond_frame_outputs']
    # Frame 30 comes next: spatial memories of 3 frames, pointers of 5.
    assert list(others) == [25, 26, 27, 28, 29]
    assert [f for f in others if 'maskmem_features' in others[f]] == [27, 28, 29]
    assert 'maskmem_features' in bank.outputs['cond_frame_outputs'][0]


def test_a_copy_goes_its_own_way():
    bank = MemoryBank(num_maskmem=4, max_object_pointers=6)
    for _ in range(3):
        add(bank)
    copy = bank.copy()
    assert copy.outputs == bank.outputs
    for _ in range(8):
        add(copy)
    others = bank.outputs['non_cond_frame_outputs']
    assert (bank.next_frame, list(others)) == (3, [1, 2])
    assert all('maskmem_features' in output for output in others.values())
    assert (copy.next_frame, len(copy)) == (11, 6)
