import pytest
import torch

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_file import load_facts, load_weights, save_weights


def test_weights_come_back_in_single_precision(tmp_path):
    state = dict(a=torch.tensor([0.1, 2.0]), steps=torch.tensor([3]), b=torch.eye(2).T)
    save_weights(tmp_path / 'w.safetensors', state, dict(date='2026-01-01'))
    loaded = load_weights(tmp_path / 'w.safetensors')
    assert loaded.keys() == state.keys()
    assert loaded['a'].dtype == torch.float32
    assert torch.equal(loaded['a'], state['a'].half().float())
    assert loaded['steps'].dtype == torch.int64
    assert load_facts(tmp_path / 'w.safetensors') == dict(date='2026-01-01')


def test_weights_that_share_memory_are_written_twice(tmp_path):
    weight = torch.ones(3)
    save_weights(tmp_path / 'w.safetensors', dict(a=weight, b=weight))
    assert torch.equal(load_weights(tmp_path / 'w.safetensors')['b'], weight)


@pytest.mark.parametrize('content', [b'', b'no weights at all', None])
def test_damaged_files_are_one_line(tmp_path, content):
    path = tmp_path / 'w.safetensors'
    if content is None:
        save_weights(path, dict(a=torch.ones(1000)))
        content = path.read_bytes()[:500]
    path.write_bytes(content)
    for read in (load_weights, load_facts):
        with pytest.raises(
            InputError, match=r'w\.safetensors: cannot be read'
        ) as error:
            read(path)
        assert '\n' not in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r'none\.safetensors: no such file'):
        load_weights(tmp_path / 'none.safetensors')
