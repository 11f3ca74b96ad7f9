"""Imports go one way: from the package's upper rooms to its lower ones."""

import ast
from pathlib import Path

import networkx
import pytest

ROOMS = (
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
def room_imports(repository):
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


def test_no_room_imports_from_one_above_it(room_imports):
    height = {room: row for row, rooms in enumerate(ROOMS) for room in rooms}
    upward = [
        (path, target)
        for room, target, path in sorted(room_imports)
        if height[target] >= height[room]
    ]
    assert upward == []


def test_no_rooms_import_each_other(room_imports):
    graph = networkx.DiGraph((room, target) for room, target, _ in room_imports)
    assert list(networkx.simple_cycles(graph)) == []
