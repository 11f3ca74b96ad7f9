import json

import pytest

from mmfourdpsg.analysis.results import ResultsPage
from mmfourdpsg.utils import InputError

RECALLS = {f'{name}@{k}': 10.0 for name in ('R', 'mR') for k in (20, 50, 100)}


@pytest.fixture
def page(tmp_path):
    """A page beside a study of one file of predictions and its record."""
    (tmp_path / 'tiny.py').write_text(
        "rows = [dict(name='it', predictions='p.json')]\ngroups = dict(all=(0,))\n"
    )
    folder = tmp_path / 'records/tiny'
    folder.mkdir(parents=True)
    record = dict(row='it', metrics=RECALLS, parts={}, objects=3, relations=2)
    (folder / 'it_seed0.json').write_text(json.dumps(record))
    return ResultsPage(tmp_path / 'page.md', tmp_path / 'records', tmp_path, tmp_path)


def test_a_written_page_holds_its_tables_and_all_else(page):
    page.path.write_text('Before.\n<!-- study tiny all recall -->\nold\n<!-- end -->!')
    with pytest.raises(InputError, match='its tables are not those of the records'):
        page.check()
    page.write()
    text = page.path.read_text()
    assert text.startswith('Before.\n<!-- study tiny all recall -->\n| | seeds |')
    assert text.endswith('10.00 |\n<!-- end -->!')
    page.check()


@pytest.mark.parametrize(
    ('block', 'says'),
    [
        ('tests', 'expected the name of a folder of records'),
        ('tests none', 'none: holds no records'),
        ('foundation', 'holds no foundation weights'),
        ('study tiny some parts', "group 'some'"),
    ],
)
def test_a_block_that_cannot_be_filled_leaves_the_page(page, block, says):
    text = f'<!-- {block} -->\n<!-- end -->\n'
    page.path.write_text(text)
    with pytest.raises(InputError, match=says):
        page.write()
    assert page.path.read_text() == text
