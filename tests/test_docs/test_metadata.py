"""What other programs read about the project is as they want it."""

import re

import pytest
import yaml
from mmengine.config import Config

from mmfourdpsg.version import __version__

PAPER = 'Learning 4D Panoptic Scene Graph Generation from Rich 2D Visual Scene'


@pytest.fixture
def load(repository):
    return lambda name: yaml.safe_load((repository / name).read_text(encoding='utf-8'))


def test_the_citation_has_what_its_format_asks_for(load):
    citation = load('CITATION.cff')
    assert citation['cff-version'] == '1.2.0'
    assert citation['version'] == __version__
    assert {'message', 'title', 'authors', 'license'} <= set(citation)
    paper = citation['preferred-citation']
    assert (paper['type'], paper['title'], paper['year']) == (
        'conference-paper',
        PAPER,
        2025,
    )
    assert [author['family-names'] for author in paper['authors']] == [
        *('Wu', 'Fei', 'Yang', 'Li', 'Li', 'Zhang', 'Chua')
    ]


def test_each_algorithm_has_a_page_and_a_metafile_of_models_that_exist(
    load, repository
):
    files = sorted((repository / 'configs').glob('*/metafile.yml'))
    assert repository / 'configs/4dllm/metafile.yml' in files
    names = []
    for file in files:
        content = load(file)
        collections = {item['Name']: item for item in content['Collections']}
        for item in collections.values():
            assert {'Title', 'URL'} <= set(item['Paper'])
            assert (repository / item['README']).is_file()
        for model in content['Models']:
            names.append(model['Name'])
            assert model['In Collection'] in collections
            config = Config.fromfile(repository / model['Config'])
            assert config.model.type
            if 'Weights' in model:
                assert (repository / model['Weights']).is_file()
                assert model['Weights'] == config.published_checkpoint
                assert all(
                    {'Task', 'Dataset', 'Metrics'} <= set(result)
                    for result in model['Results']
                )
    assert len(names) == len(set(names))


def test_figures_of_the_shipped_model_are_those_of_the_results(load, repository):
    (model,) = (
        model
        for model in load('configs/4dllm/metafile.yml')['Models']
        if 'Weights' in model
    )
    (result,) = model['Results']
    page = repository / 'docs/results.md'
    text = page.read_text(encoding='utf-8')
    section = text.split('## Step 1')[1].split('\n## ')[0]
    (told,) = (
        paragraph
        for paragraph in section.split('\n\n')
        if 'Tested as its card says' in paragraph
    )
    told = ' '.join(told.split())
    assert result['Metrics']
    for name, value in result['Metrics'].items():
        assert re.search(rf' {re.escape(name)} {value}(?!\.?\d)', told), name
    # The study tests it in batches of one.
    titles, *rows = [
        [cell.strip() for cell in line.split('|')]
        for line in section.split('videos recall -->')[1].split('<!--')[0].splitlines()
        if line.startswith('|')
    ]
    (row,) = (cells for cells in rows if cells[1] == '600 videos, as shipped')
    recall = float(row[titles.index('R@20')])
    assert recall == pytest.approx(result['Metrics']['R@20'], abs=1.0)


def test_the_workflow_runs_the_check(load, repository):
    (job,) = load('.github/workflows/ci.yml')['jobs'].values()
    assert job['steps'][-1]['run'] == 'bash .ci/run'
    assert (repository / '.ci/run').is_file()


@pytest.mark.parametrize('name', ['bug_report', 'feature_request'])
def test_issue_forms_have_what_their_format_asks_for(load, name):
    form = load(f'.github/ISSUE_TEMPLATE/{name}.yml')
    assert {'name', 'description', 'body'} <= set(form)
    assert len({item['id'] for item in form['body']}) == len(form['body'])
    assert all(item['attributes']['label'] for item in form['body'])


def test_hooks_are_checks_of_the_test_command(load, repository):
    (local,) = load('.pre-commit-config.yaml')['repos']
    script = (repository / 'tests/run.sh').read_text(encoding='utf-8')
    programs = {
        ' '.join(hook['entry'].split()[:2]).removesuffix(' --force-exclude')
        for hook in local['hooks']
        if hook['entry'].startswith('.venv/')
    }
    assert programs == {
        '.venv/bin/ruff check',
        '.venv/bin/ruff format',
        '.venv/bin/mypy',
    }
    assert all(program in script for program in programs)
