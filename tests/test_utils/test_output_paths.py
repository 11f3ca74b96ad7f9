import pytest

from mmfourdpsg.utils import InputError, check_output_file, check_output_folder


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'there').mkdir()
    (tmp_path / 'there/file').write_text('kept')
    (tmp_path / 'dangling').symlink_to('nowhere')
    (tmp_path / 'link').symlink_to('there')


@pytest.mark.parametrize(
    'folder',
    ['there', '.', 'new', 'new/deep/er', 'there/new: a', 'link', 'new/../other', '..'],
)
def test_a_folder_that_can_be_written_to_is_left_as_it_was(tmp_path, folder):
    before = sorted(tmp_path.rglob('*'))
    check_output_folder(folder, ['file'])
    check_output_file(f'{folder}/file')
    check_output_file(tmp_path / folder / 'file')
    assert sorted(tmp_path.rglob('*')) == before
    assert (tmp_path / 'there/file').read_text() == 'kept'


def test_where_no_output_is_asked_for_nothing_is_refused():
    check_output_folder(None)
    check_output_file(None)


@pytest.mark.parametrize(
    ('folder', 'says'),
    [
        ('', 'path of the folder for the results is empty'),
        ('there/file', 'there/file: is a file, expected a folder'),
        ('there/file/deep/er', 'there/file: is a file, expected a folder'),
        ('dangling', 'dangling: is a file'),
        ('new/' + 'x' * 300, 'cannot be written'),
    ],
)
def test_what_is_in_the_way_is_told(tmp_path, folder, says):
    before = sorted(tmp_path.rglob('*'))
    with pytest.raises(InputError, match=says):
        check_output_folder(folder, ['graph.json'])
    assert sorted(tmp_path.rglob('*')) == before


def test_a_folder_in_the_way_of_a_file_is_told(tmp_path):
    with pytest.raises(InputError, match='there: is a folder, expected a file'):
        check_output_file('there')
    with pytest.raises(InputError, match='path of the file for the results is empty'):
        check_output_file('')
