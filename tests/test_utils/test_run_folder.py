import shutil

import pytest

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.run_folder import last_checkpoint


@pytest.fixture
def run(tmp_path):
    """The folder of a training, as MMEngine leaves it."""
    folder = tmp_path / 'run'
    folder.mkdir()
    (folder / 'epoch_2.pth').write_text('first')
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_2.pth'))
    return folder


def test_a_moved_run_has_its_checkpoint(run, tmp_path):
    assert last_checkpoint(run) == run / 'epoch_2.pth'
    moved = run.rename(tmp_path / 'moved')
    assert last_checkpoint(moved) == moved / 'epoch_2.pth'
    # Another training takes the old place.
    run.mkdir()
    (run / 'epoch_2.pth').write_text('second')
    assert last_checkpoint(moved).read_text() == 'first'


def test_a_copied_run_stands_on_its_own(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / 'copy')
    assert last_checkpoint(copy) == copy / 'epoch_2.pth'


def test_checkpoints_kept_elsewhere_and_folders_are_found(run, tmp_path):
    (tmp_path / 'elsewhere').mkdir()
    shutil.move(run / 'epoch_2.pth', tmp_path / 'elsewhere/epoch_2.pth')
    (run / 'last_checkpoint').write_text(f'{tmp_path}/elsewhere/epoch_2.pth\n')
    assert last_checkpoint(run) == tmp_path / 'elsewhere/epoch_2.pth'
    (run / 'epoch_3.pth').mkdir()
    (run / 'last_checkpoint').write_text('/gone/run/epoch_3.pth')
    assert last_checkpoint(run) == run / 'epoch_3.pth'


def test_a_note_that_leads_nowhere_is_told(run, tmp_path):
    assert last_checkpoint(tmp_path) is None
    pointer = run / 'last_checkpoint'
    for content, says in (
        (b'/gone/epoch_9.pth', 'names /gone/epoch_9.pth, which is neither'),
        (b' \n', 'is empty'),
        (b'\xff\xfe', 'cannot be read'),
    ):
        pointer.write_bytes(content)
        with pytest.raises(InputError, match=f'last_checkpoint: {says}'):
            last_checkpoint(run)
