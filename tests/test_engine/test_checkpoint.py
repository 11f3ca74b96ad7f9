import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.model import BaseModule

from mmfourdpsg.engine import check_state_dict
from mmfourdpsg.engine.needs import check_needs
from mmfourdpsg.engine.runner import take_held_parts_for_initialised
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file, read_weight_names
from mmfourdpsg.utils.weight_files import save_weights


class _Malicious:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f'touch {self.path}',)


def test_tensors_and_plain_values_are_loaded(tmp_path):
    content = dict(
        meta=dict(epoch=3, value=np.float64(0.5), array=np.arange(4)),
        state_dict={'weight': torch.arange(3.0)},
    )
    torch.save(content, tmp_path / 'good.pth')
    loaded = load_checkpoint_file(tmp_path / 'good.pth')
    assert loaded['state_dict']['weight'].tolist() == [0, 1, 2]
    assert loaded['meta']['epoch'] == 3
    assert loaded['meta']['value'] == 0.5
    assert loaded['meta']['array'].tolist() == [0, 1, 2, 3]


def test_a_malicious_checkpoint_runs_nothing(tmp_path):
    touched = tmp_path / 'touched'
    path = tmp_path / 'bad.pth'
    torch.save(dict(state_dict={}, extra=_Malicious(touched)), path)
    with pytest.raises(InputError, match=r'bad\.pth.*not loaded'):
        load_checkpoint_file(path)
    assert not touched.exists()
    # The file is dangerous to a loader without an allow-list.
    torch.load(path, weights_only=False)
    assert touched.exists()


@pytest.mark.parametrize(
    'content', [b'', b'not a checkpoint', pickle.dumps([1, 2], 2), None], ids=str
)
def test_a_damaged_checkpoint_is_one_line(tmp_path, content):
    path = tmp_path / 'damaged.pth'
    if content is None:
        torch.save(dict(state_dict={'w': torch.zeros(10000)}), path)
        content = path.read_bytes()[:5000]
    path.write_bytes(content)
    for read in (load_checkpoint_file, read_weight_names):
        with pytest.raises(InputError, match=r'damaged\.pth') as caught:
            read(path)
        assert '\n' not in str(caught.value)


def _write(path, is_zip=True, count=10000):
    state = {'a.w': torch.rand(count), 'b': torch.arange(3)}
    if path.suffix == '.safetensors':
        save_weights(path, state)
    else:
        content = dict(meta=dict(epoch=1), state_dict=state)
        torch.save(content, path, _use_new_zipfile_serialization=is_zip)


@pytest.mark.parametrize('name', ['a.pth', 'old.pth', 'a.safetensors'])
def test_names_are_those_of_the_weights(tmp_path, name):
    path = tmp_path / name
    _write(path, is_zip=name != 'old.pth')
    assert sorted(read_weight_names(path)) == ['a.w', 'b']
    assert read_weight_names(path) == list(load_checkpoint_file(path)['state_dict'])


@pytest.mark.parametrize('name', ['a.pth', 'a.safetensors'])
@pytest.mark.parametrize('lost', [1, 1000, 0.5])
def test_a_truncated_checkpoint_is_told_before_a_run_in_one_line(tmp_path, name, lost):
    path = tmp_path / name
    _write(path)
    check_needs(Config(), checkpoint=str(path))
    content = path.read_bytes()
    kept = len(content) - (lost if lost >= 1 else int(lost * len(content)))
    path.write_bytes(content[:kept])
    with pytest.raises(InputError, match=f'{name}: cannot be read as') as caught:
        check_needs(Config(), checkpoint=str(path))
    assert '\n' not in str(caught.value)
    assert caught.value.details == ()


def _bytes_read():
    """Return how many bytes this process has read of files, mapped ones left out."""
    return int(Path('/proc/self/io').read_text().split()[1])


@pytest.mark.skipif(not Path('/proc/self/io').exists(), reason='Linux counts reads')
@pytest.mark.parametrize('name', ['a.pth', 'a.safetensors'])
def test_a_check_before_a_run_leaves_the_weights_on_disk(tmp_path, name):
    path = tmp_path / name
    _write(path, count=3_000_000)
    check_needs(Config(), checkpoint=str(path))
    before = _bytes_read()
    check_needs(Config(), checkpoint=str(path))
    assert _bytes_read() - before < path.stat().st_size / 20
    before = _bytes_read()
    path.read_bytes()
    assert _bytes_read() - before >= path.stat().st_size


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(InputError, match=r'none\.pth: no such checkpoint'):
        load_checkpoint_file(tmp_path / 'none.pth')


def test_a_checkpoint_of_another_model_is_refused():
    model = torch.nn.Linear(3, 4)
    check_state_dict(model.state_dict(), model, 'a.pth')
    with pytest.raises(
        InputError, match=r'a\.pth.*weight is \[5, 3\], expected \[4, 3\]'
    ):
        check_state_dict(torch.nn.Linear(3, 5).state_dict(), model, 'a.pth')
    with pytest.raises(InputError, match='1 weights are missing'):
        check_state_dict({'weight': torch.zeros(4, 3)}, model, 'a.pth')
    with pytest.raises(InputError, match='0 weights are missing, 1 unknown'):
        state = dict(model.state_dict(), scale=torch.zeros(1))
        check_state_dict(state, model, 'a.pth')


def test_whole_parts_may_be_absent_where_a_training_begins():
    model = torch.nn.ModuleDict(
        dict(encoder=torch.nn.Linear(2, 2), transcender=torch.nn.Linear(2, 2))
    )
    state = {k: v for k, v in model.state_dict().items() if 'encoder' in k}
    state['critic.weight'] = torch.zeros(1)
    with pytest.raises(InputError, match='2 weights are missing, 1 unknown'):
        check_state_dict(state, model, 'a.pth')
    lacking = check_state_dict(state, model, 'a.pth', whole_parts=True)
    assert lacking == (['transcender'], ['critic'])
    # Half a part is none, and neither is nothing at all.
    with pytest.raises(InputError, match='1 weights are missing'):
        half = dict(state, **{'transcender.bias': torch.zeros(2)})
        check_state_dict(half, model, 'a.pth', whole_parts=True)
    with pytest.raises(InputError, match='of another model'):
        check_state_dict({'x.y': torch.zeros(1)}, model, 'a.pth', whole_parts=True)


class _Part(BaseModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)
        self.frozen = torch.nn.Linear(2, 2)

    def init_weights(self):
        raise InputError('step2.pth: no such checkpoint file')


@pytest.mark.parametrize('lacking', [None, 'b.frozen.bias'])
def test_a_part_that_a_checkpoint_holds_needs_no_other_file(lacking):
    model = BaseModule()
    model.a, model.b = torch.nn.Linear(2, 2), _Part()
    state = {
        name: value for name, value in model.state_dict().items() if name != lacking
    }
    held = take_held_parts_for_initialised(state, model)
    if lacking is None:
        assert held == ['b']
        model.init_weights()
    else:
        assert held == []
        with pytest.raises(InputError, match='step2'):
            model.init_weights()
