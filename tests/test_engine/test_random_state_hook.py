"""Random generators of each process, saved and restored."""

import random
from types import SimpleNamespace

import numpy as np
import torch
from torch import distributed, multiprocessing

from mmfourdpsg.engine import RandomStateHook

RESUMED = SimpleNamespace(_resume=True)


def draw():
    return torch.rand(()).item(), np.random.rand(), random.random()


def seed(number):
    torch.manual_seed(number)
    np.random.seed(number)
    random.seed(number)


def resume(hook, checkpoint):
    hook.after_load_checkpoint(RESUMED, checkpoint)
    hook.before_train_epoch(RESUMED)


def _process(rank, folder):
    distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/meet', rank=rank, world_size=2
    )
    seed(rank)
    hook, path = RandomStateHook(), folder / 'checkpoint.pth'
    hook.after_train_epoch(RESUMED)
    if rank == 0:
        checkpoint = {}
        hook.before_save_checkpoint(RESUMED, checkpoint)
        torch.save(checkpoint, path)
    distributed.barrier()
    expected = draw()
    seed(99)
    resume(RandomStateHook(), torch.load(path, weights_only=True))
    found = draw()
    (folder / f'{rank}.txt').write_text(f'{expected == found} {found}')
    distributed.destroy_process_group()


def test_each_process_goes_on_with_its_own_numbers(tmp_path):
    multiprocessing.spawn(_process, (tmp_path,), nprocs=2)
    first, second = ((tmp_path / f'{rank}.txt').read_text() for rank in (0, 1))
    assert first.startswith('True') and second.startswith('True')
    assert first != second


def test_a_checkpoint_of_more_processes_gives_those_of_the_first():
    seed(1)
    hook, checkpoint = RandomStateHook(), {}
    hook.before_save_checkpoint(RESUMED, checkpoint)
    checkpoint['random_states'] = [None, None]
    expected = draw()
    resume(RandomStateHook(), checkpoint)
    assert draw() == expected


def test_validation_leaves_the_generators_as_they_were():
    hook = RandomStateHook()
    seed(2)
    expected = draw()
    seed(2)
    hook.before_val_epoch(RESUMED)
    draw()
    hook.after_val_epoch(RESUMED, metrics={})
    assert draw() == expected
