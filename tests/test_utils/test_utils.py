import os
import stat

import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error


def test_atomic_write_leaves_the_old_file_when_it_fails(tmp_path):
    path = tmp_path / 'deep' / 'file.json'
    with atomic_write(path) as temporary:
        assert temporary.suffix == '.json'
        temporary.write_text('old')
    with pytest.raises(RuntimeError), atomic_write(path) as temporary:
        temporary.write_text('half')
        raise RuntimeError
    assert path.read_text() == 'old'
    assert os.listdir(path.parent) == ['file.json']
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600


def test_atomic_write_says_where_it_cannot_write(tmp_path):
    (tmp_path / 'file').write_text('')
    for bad in (tmp_path, tmp_path / 'file' / 'deeper.json'):
        with pytest.raises(InputError, match=str(bad)), atomic_write(bad):
            pass


def test_exit_on_input_error_prints_one_line(capsys):
    @exit_on_input_error
    def main():
        raise InputError('a.json: expected\n  a number')

    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert capsys.readouterr().err == 'error: a.json: expected a number\n'


def test_other_errors_pass_through():
    @exit_on_input_error
    def main():
        raise KeyError('bug')

    with pytest.raises(KeyError):
        main()


class _BadDataset(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        raise InputError(f'frame {index}.png: is missing, expected 3 frames')


def test_an_input_error_of_a_worker_keeps_its_one_line():
    loader = DataLoader(_BadDataset(), batch_size=1, num_workers=1)
    with pytest.raises(InputError) as caught:
        next(iter(loader))
    assert str(caught.value) == 'frame 0.png: is missing, expected 3 frames'
    assert torch.utils.data.get_worker_info() is None
