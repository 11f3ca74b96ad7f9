import pytest
import torch

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.weight_files import (
    check_weight_files,
    load_metadata,
    load_weights,
    save_weights,
    weight_files,
)


@pytest.fixture
def config(tmp_path):
    (tmp_path / 'model').mkdir()
    (tmp_path / 'model/model.safetensors').write_text('a')
    (tmp_path / 'model/tokenizer.json').write_text('b')
    (tmp_path / 'part.pth').write_text('c')
    return dict(
        encoder=[dict(checkpoint=str(tmp_path / 'part.pth')), 3, None],
        name_or_path=str(tmp_path / 'model'),
        checkpoint=str(tmp_path / 'none.pth'),
        prompt='Write / the scene graph. ' * 100,
    )


def test_files_of_weights_are_found_in_folders_too(config, tmp_path):
    found = weight_files(config)
    assert sorted(found) == [
        str(tmp_path / 'model/model.safetensors'),
        str(tmp_path / 'part.pth'),
    ]
    assert len(set(found.values())) == 2
    assert weight_files(None) == {}


def test_changed_weights_are_refused_and_absent_ones_are_not(config, tmp_path):
    recorded = weight_files(config)
    check_weight_files(recorded, 'epoch_1.pth')
    (tmp_path / 'part.pth').unlink()
    check_weight_files(recorded, 'epoch_1.pth')
    (tmp_path / 'model/model.safetensors').write_text('A')
    with pytest.raises(InputError, match=r'epoch_1\.pth: .* than .*model\.safetensors'):
        check_weight_files(recorded, 'epoch_1.pth')


def test_weights_come_back_in_single_precision(tmp_path):
    state = dict(a=torch.tensor([0.1, 2.0]), steps=torch.tensor([3]), b=torch.eye(2).T)
    save_weights(tmp_path / 'w.safetensors', state, dict(date='2026-01-01'))
    loaded = load_weights(tmp_path / 'w.safetensors')
    assert loaded.keys() == state.keys()
    assert loaded['a'].dtype == torch.float32
    assert torch.equal(loaded['a'], state['a'].half().float())
    assert loaded['steps'].dtype == torch.int64
    assert load_metadata(tmp_path / 'w.safetensors') == dict(date='2026-01-01')


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
    for read in (load_weights, load_metadata):
        with pytest.raises(
            InputError, match=r'w\.safetensors: cannot be read'
        ) as error:
            read(path)
        assert '\n' not in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r'none\.safetensors: no such file'):
        load_weights(tmp_path / 'none.safetensors')
