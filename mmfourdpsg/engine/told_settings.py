"""Errors of building from a config, told by the setting that causes them."""

import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mmengine.config import Config

from mmfourdpsg.utils import InputError

# What Python and MMEngine say; the groups are the class or function, and its argument.
UNKNOWN = re.compile(r"([\w.]+)\(\) got an unexpected keyword argument '(\w+)'")
LACKING = re.compile(r"([\w.]+)\(\) missing \d+ required [\w -]+: '(\w+)'")
UNREGISTERED = re.compile(r'(\S+) is not in the (\S+) registry')


@contextmanager
def told_settings(config: Config) -> Iterator[None]:
    """Say which setting is wrong where something is built from a config.

    A failure that no setting of the config explains passes through. A ``ValueError`` is
    of a setting where ``__init__`` raises it, or what that calls to check one.

    Args:
        config: The config.

    Raises:
        InputError: A class or function does not know a setting, lacks one, does not
            take its value, or is not known itself.
    """
    try:
        yield
    except InputError:
        raise
    except (TypeError, KeyError, ValueError) as error:
        said = str(error.args[0]) if error.args else ''
        problem = _problem(dict(config.items()), said)
        if problem is None and isinstance(error, ValueError) and _is_checked(error):
            problem = said
        if problem is None:
            raise
        raise InputError(f'{config.filename or "the config"}: {problem}') from error


def _is_checked(error: ValueError) -> bool:
    """Return whether ``__init__`` has raised an error, or a function that it calls."""
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    return '__init__' in names[-2:]


def _problem(config: Mapping, said: str) -> str | None:
    if match := UNKNOWN.search(said):
        kind, name = match[1].removesuffix('.__init__'), match[2]
        for place, value in _mappings(config):
            if name in value and value.get('type', kind) == kind:
                return f'{place}{name}: {kind} has no such setting'
    elif match := LACKING.search(said):
        kind, name = match[1].removesuffix('.__init__'), match[2]
        for place, value in _mappings(config):
            if value.get('type') == kind and name not in value:
                return f'{place[:-1]}: {kind} needs the setting {name!r}'
    elif match := UNREGISTERED.search(said):
        for place, value in _mappings(config):
            for key in ('type', 'runner_type'):
                if value.get(key) == match[1]:
                    return f'{place}{key}: the registry {match[2]} has no {match[1]!r}'
    return None


def _mappings(value: Any, place: str = '') -> Iterator[tuple[str, Mapping]]:
    """Yield the mappings of a config, and what leads to their keys."""
    if isinstance(value, Mapping):
        yield place, value
        for key, item in value.items():
            yield from _mappings(item, f'{place}{key}.')
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _mappings(item, f'{place}{index}.')
