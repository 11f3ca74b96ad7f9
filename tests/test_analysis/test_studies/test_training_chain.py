import shutil

import pytest

from mmfourdpsg.analysis.studies.training_chain import TrainingChain
from mmfourdpsg.utils import InputError

RUNS = {
    'step1': dict(config='1.py'),
    'step2a': dict(config='2a.py', options=['a=1']),
    'step3': dict(config='3.py', loads={'load_from': 'step1', 'parts.de': 'step2a'}),
    'step5': dict(config='5.py', loads={'load_from': 'step3'}),
    'direct': dict(config='d.py', loads={'load_from': 'step1'}),
}


def digest(run, loads):
    return f'{run} {loads}'


@pytest.fixture
def trained():
    return []


@pytest.fixture
def chain(tmp_path, trained):
    def train(config, folder, options):
        trained.append((config, options))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'epoch_2.pth').write_text(config)
        (folder / 'last_checkpoint').write_text(str(folder / 'epoch_2.pth'))

    return TrainingChain(RUNS, tmp_path, train, digest)


def test_what_is_needed_is_trained_first_and_once(chain, trained, tmp_path):
    assert chain.checkpoint('step5') == tmp_path / 'step5/epoch_2.pth'
    assert [config for config, _ in trained] == ['1.py', '2a.py', '3.py', '5.py']
    assert trained[1][1] == ['a=1']
    assert trained[2][1] == [
        f'load_from={tmp_path}/step1/epoch_2.pth',
        f'parts.de={tmp_path}/step2a/epoch_2.pth',
    ]
    chain.checkpoint('direct')
    chain.checkpoint('step5')
    assert [config for config, _ in trained[4:]] == ['d.py']


def test_a_training_that_failed_is_begun_again(tmp_path, trained):
    def train(config, folder, options):
        trained.append(config)
        raise InputError('no memory')

    chain = TrainingChain(RUNS, tmp_path, train, digest)
    for _ in range(2):
        with pytest.raises(InputError, match='no memory'):
            chain.checkpoint('step3')
    assert trained == ['1.py', '1.py']


def test_a_moved_folder_keeps_its_checkpoints(chain, trained, tmp_path):
    chain.checkpoint('step3')
    moved = tmp_path / 'moved'
    moved.mkdir()
    for name in ('step1', 'step2a', 'step3'):
        (tmp_path / name).rename(moved / name)
    before = len(trained)
    again = TrainingChain(RUNS, moved, chain.train, digest)
    assert again.checkpoint('step3') == moved / 'step3/epoch_2.pth'
    assert len(trained) == before


def test_a_lost_checkpoint_is_told(chain, tmp_path):
    chain.checkpoint('step1').unlink()
    with pytest.raises(InputError, match=r'finished\.txt: names .*epoch_2\.pth'):
        chain.checkpoint('step3')


@pytest.mark.parametrize('asked', ['step1', 'step3', 'direct'])
def test_a_folder_of_another_recipe_is_refused(chain, trained, tmp_path, asked):
    chain.checkpoint('step3')
    chain.checkpoint('direct')
    before = len(trained)
    runs = dict(RUNS, step1=dict(RUNS['step1'], options=['lr=2']))
    other = TrainingChain(runs, tmp_path, chain.train, digest)
    with pytest.raises(InputError, match=r'step1: trained with recipe .*remove'):
        other.checkpoint(asked)
    assert len(trained) == before
    # What does not load it stays as it is.
    assert other.checkpoint('step2a') == tmp_path / 'step2a/epoch_2.pth'
    shutil.rmtree(tmp_path / 'step1')
    other.checkpoint('step1')
    assert trained[before:] == [('1.py', ['lr=2'])]
    with pytest.raises(InputError, match=r'step3: trained with recipe'):
        other.checkpoint('step3')


def test_a_folder_without_a_recipe_is_refused(chain, trained, tmp_path):
    (tmp_path / 'step1').mkdir()
    with pytest.raises(InputError, match='step1: trained with recipe unknown'):
        chain.checkpoint('step1')
    assert trained == []


def test_runs_that_cannot_be_ordered_are_refused(tmp_path):
    with pytest.raises(InputError, match="run 'step9' is unknown"):
        TrainingChain({'a': dict(loads=dict(load_from='step9'))}, tmp_path, None)
    ring = {
        'a': dict(config='', loads=dict(load_from='b')),
        'b': dict(config='', loads=dict(load_from='a')),
    }
    with pytest.raises(InputError, match="'a' loads itself: a <- b"):
        TrainingChain(ring, tmp_path, None)
