"""Imports go one way: from upper packages of mmfourdpsg to lower ones."""

import ast
from pathlib import Path

import networkx
import pytest

PACKAGES = (
    ('utils',),
    ('structures',),
    ('evaluation', 'datasets'),
    ('models', 'visualization', 'simulation'),
    ('pretraining',),
    ('engine',),
    ('apis',),
    ('analysis',),
)
"""The lowest first. What stands in one row may not import from each other."""


def _imports(package: Path):
    """Yield (importing file, imported module) of the package's own imports."""
    for path in sorted(package.rglob('*.py')):
        parts = path.relative_to(package.parent).with_suffix('').parts
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.ImportFrom):
                base = parts[: len(parts) - node.level] if node.level else ()
                name = '.'.join([*base, *(node.module or '').split('.')]).strip('.')
                yield path, name
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    yield path, alias.name


@pytest.fixture(scope='module')
def package_imports(repository):
    package = repository / 'mmfourdpsg'
    found = set()
    for path, name in _imports(package):
        inside = path.relative_to(package).parts
        target = name.split('.')
        if target[0] != 'mmfourdpsg' or len(target) < 2 or len(inside) < 2:
            continue
        if inside[0] != target[1] and (package / target[1]).is_dir():
            found.add((inside[0], target[1], str(path.relative_to(package.parent))))
    return found


def test_no_package_imports_from_one_above_it(package_imports):
    height = {
        package: row for row, packages in enumerate(PACKAGES) for package in packages
    }
    upward = [
        (path, target)
        for package, target, path in sorted(package_imports)
        if height[target] >= height[package]
    ]
    assert upward == []


def test_no_two_packages_import_each_other(package_imports):
    graph = networkx.DiGraph(
        (package, target) for package, target, _ in package_imports
    )
    assert list(networkx.simple_cycles(graph)) == []
