"""Pretraining stands beside the paper's model, and only its configs import it."""

import re

from mmengine.config import Config

import mmfourdpsg.pretraining  # noqa: F401  (registers the pretrainers)
from mmfourdpsg.registry import METRICS, MODELS

NAME = 'mmfourdpsg.pretraining'


def components():
    """Return the names of all types that the package registers."""
    return {
        name
        for registry in (MODELS, METRICS)
        for name, item in registry.module_dict.items()
        if item.__module__.startswith(NAME)
    }


def types(config):
    """Yield the names of all types that a config builds."""
    if isinstance(config, dict):
        yield from [config['type']] if isinstance(config.get('type'), str) else []
        config = config.values()
    if not isinstance(config, str) and hasattr(config, '__iter__'):
        for item in config:
            yield from types(item)


def test_nothing_outside_of_pretraining_imports_it(repository):
    package = repository / 'mmfourdpsg'
    imports = re.compile(r'^\s*(from|import)\s.*\bpretraining\b', re.MULTILINE)
    importing = [
        str(path.relative_to(package))
        for path in package.rglob('*.py')
        if 'pretraining' not in path.relative_to(package).parts
        and imports.search(path.read_text(encoding='utf-8'))
    ]
    assert importing == []


def test_configs_import_pretraining_where_they_use_it_and_nowhere_else(repository):
    assert len(components()) == 9
    uses, imports = set(), set()
    for path in (repository / 'configs').rglob('*.py'):
        # Bases alone import nothing.
        if '_base_' not in path.parts:
            config = Config.fromfile(path)
            if components() & set(types(config.to_dict())):
                uses.add(path)
            if NAME in config.get('custom_imports', {}).get('imports', ()):
                imports.add(path)
    assert uses
    assert uses == imports
