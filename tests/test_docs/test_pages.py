"""What the pages name is there, and they are short and use the project's words."""

import re
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for pattern in (
        *('*.md', 'docs/**/*.md', '.github/**/*.md'),
        *('configs/**/*.md', 'checkpoints/**/*.md', 'tools/**/*.md'),
    )
    for page in ROOT.glob(pattern)
)
RESULTS = {'docs/results.md', 'docs/results_first_edition.md'}
LINK = re.compile(r'\]\((?!\w+:)([^)\s]+)\)')
PATH = re.compile(r'(?<![\w/.])[\w{][\w./{},-]*/[\w./{},-]+\.(?:py|sh|md|yml)\b')
OTHER_WORDS = re.compile(r'(?<![-_\w])(pictures?|stills|still images?|facts)\b', re.I)
"""Words for which the project has others: image, checkpoint metadata."""
BRACES = re.compile(r'\{([^}]*)\}')


def read(page):
    return (ROOT / page).read_text(encoding='utf-8')


def anchors(page):
    """GitHub's anchors of a page's headings."""
    headings = re.findall(r'^#+ (.+)$', page.read_text(encoding='utf-8'), re.MULTILINE)
    return {
        re.sub(r'[^\w\- ]', '', h).strip().lower().replace(' ', '-') for h in headings
    }


def expand(path):
    """``a_{b,c}.py`` -> ``a_b.py``, ``a_c.py``."""
    parts = BRACES.split(path)
    choices = [part.split(',') if i % 2 else [part] for i, part in enumerate(parts)]
    return [''.join(choice) for choice in product(*choices)]


@pytest.mark.parametrize('page', PAGES)
def test_links_lead_somewhere(page):
    broken = []
    for link in LINK.findall(read(page)):
        path, _, anchor = link.partition('#')
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize('page', PAGES)
def test_files_that_are_named_exist(page):
    text = re.sub(r'\w+://\S+', '', LINK.sub('', read(page)))
    places = [ROOT, (ROOT / page).parent, ROOT / 'configs']
    missing = [
        path
        for named in PATH.findall(text)
        # What stands for any name is in capitals.
        if not re.search(r'(^|/)[A-Z]+(\.|/)', named.replace('README', ''))
        for path in expand(named)
        if not any((place / path).exists() for place in places)
    ]
    assert missing == []


@pytest.mark.parametrize('page', PAGES)
def test_a_page_uses_the_words_of_the_project(page):
    assert OTHER_WORDS.findall(read(page)) == []


@pytest.mark.parametrize('page', sorted({*PAGES} - RESULTS))
def test_a_page_other_than_the_results_has_at_most_250_lines(page):
    assert read(page).count('\n') <= 250


def test_each_equation_has_code_and_a_test_that_is_there():
    rows = [
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in read('docs/architecture.md').splitlines()
        if line.count('|') == 5 and '../tests/' in line
    ]
    papers = ' '.join(row[0] for row in rows)
    for name in [*(f'Eq. {i}' for i in range(1, 8)), '3.1', '3.2', 'section 4']:
        assert name in papers, name
    for paper, _, code, tests in rows:
        assert LINK.search(code), paper
        files = [ROOT / 'docs' / link for link in LINK.findall(tests)]
        names = re.findall(r'`(test_\w+)`', tests)
        assert files and names, paper
        for file in files:
            for name in names:
                assert f'def {name}(' in file.read_text(encoding='utf-8'), paper
