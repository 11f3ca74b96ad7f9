import ast
import importlib.util
import os
import subprocess
import sys

import pytest

from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.text_files import read_entries, read_text

BOM = b'\xef\xbb\xbf'
# Of three scripts, and with what other programs take for the end of a line.
NAMES = ['Küche 1', '廚房', 'кухня  2', 'a\u2028b\x85c']


@pytest.mark.parametrize('mark', [b'', BOM])
@pytest.mark.parametrize('end', ['\n', '\r\n', '\r'])
def test_a_list_is_utf_8_and_its_spaces_belong_to_its_entries(tmp_path, mark, end):
    path = tmp_path / 'train.txt'
    path.write_bytes(mark + end.join([*NAMES, '', '  ', '']).encode())
    assert read_entries(path, 'names') == NAMES
    path.write_bytes(mark + end.join(NAMES).encode())
    assert read_entries(path, 'names') == NAMES
    assert read_text(path) == '\n'.join(NAMES)


def test_spaces_around_an_entry_belong_to_it_where_it_is_known_so(tmp_path):
    path = tmp_path / 'train.txt'
    path.write_text(' left\nright\t \n both ways \n', encoding='utf-8')
    assert read_entries(path, 'names') == ['left', 'right', 'both ways']
    assert read_entries(path, 'names', {' left', 'right', 'left'}) == [
        ' left',
        'right',
        'both ways',
    ]


def test_what_is_no_utf_8_is_told_in_one_line(tmp_path):
    path = tmp_path / 'train.txt'
    for content in ('Küche'.encode('latin-1'), 'Küche'.encode('utf-16')):
        path.write_bytes(content)
        with pytest.raises(
            InputError, match=r'train\.txt: is not UTF-8 \(byte \d.*expected video ids'
        ):
            read_entries(path, 'video ids')
    with pytest.raises(InputError, match=r'none\.txt: cannot be read'):
        read_text(tmp_path / 'none.txt')


def _names_its_encoding(call):
    """Return whether a call opens no text file, or says how it is encoded."""
    function = call.func
    name = getattr(function, 'attr', getattr(function, 'id', ''))
    words = {word.arg: word.value for word in call.keywords}
    if name in ('read_text', 'write_text'):
        places = {'read_text': 0, 'write_text': 1}
        imported = isinstance(function, ast.Name)
        return imported or 'encoding' in words or len(call.args) > places[name]
    if name in ('open', 'fdopen', 'NamedTemporaryFile', 'TemporaryFile'):
        value = getattr(function, 'value', None)
        if isinstance(value, ast.Name) and value.id in ('Image', 'av', 'webbrowser'):
            return True
        if isinstance(value, ast.Name) and value.id == 'os' and name == 'open':
            return True
        modes = [*call.args, words.get('mode')]
        texts = [item.value for item in modes if isinstance(item, ast.Constant)]
        default = 'b' if 'Temporary' in name else ''
        mode = next((text for text in texts if set(str(text)) <= set('rwxab+t')), '')
        return 'encoding' in words or 'b' in (mode or default)
    return True


def test_no_text_file_has_the_encoding_of_the_locale(repository):
    found, calls = [], 0
    for folder in ('mmfourdpsg', 'tools', 'configs'):
        for path in sorted((repository / folder).rglob('*.py')):
            for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
                if isinstance(node, ast.Call):
                    calls += 1
                    if not _names_its_encoding(node):
                        found.append(f'{path.relative_to(repository)}:{node.lineno}')
    assert found == []
    assert calls > 1000


@pytest.mark.parametrize(
    ('code', 'good'),
    [
        ('path.read_text()', False),
        ("path.write_text('a')", False),
        ("path.write_text('a', 'utf-8')", True),
        ("open(path, 'w')", False),
        ('open(path)', False),
        ("open(path, 'rb')", True),
        ("path.open('rb')", True),
        ('path.open()', False),
        ("open(path, 'w', encoding='utf-8')", True),
        ("open(path, mode='wb')", True),
        ('tempfile.NamedTemporaryFile()', True),
        ("tempfile.NamedTemporaryFile('w')", False),
        ('Image.open(path)', True),
    ],
)
def test_the_rule_tells_text_from_bytes(code, good):
    assert _names_its_encoding(ast.parse(code).body[0].value) == good


@pytest.mark.skipif(
    importlib.util.find_spec('deepspeed') is not None,
    reason="DeepSpeed reads files of its own in the locale's encoding",
)
def test_command_lines_print_any_name_in_any_locale(repository):
    code = (
        'from mmfourdpsg.utils import exit_on_input_error\n'
        "exit_on_input_error(lambda: print('K\\xfcche'))()\n"
    )
    plain = dict(LC_ALL='C', PYTHONUTF8='0', PYTHONCOERCECLOCALE='0')
    plain['PYTHONIOENCODING'] = 'ascii'
    done = subprocess.run(
        [sys.executable, '-c', code],
        env={**os.environ, **plain, 'PYTHONPATH': str(repository)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b'K\\xfcche\n'), done.stderr
