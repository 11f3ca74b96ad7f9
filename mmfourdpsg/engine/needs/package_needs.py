"""Needs of packages: optional ones of a config that are not installed."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from mmfourdpsg.registry import (
    DATASETS,
    MODELS,
    STRATEGIES,
    has_compiled_operators,
)
from mmfourdpsg.utils.dataset_configs import unwrap_datasets

from ..registered import registered
from .need import Need

COMPILED = 'bash tools/install.sh compiled'


def package_needs(config: Mapping) -> Iterator[Need]:
    """Yield a need for each package that a class of the config asks for.

    A class names them in ``packages``, module -> how to install it.
    """
    types = [registered(STRATEGIES, (config.get('strategy') or {}).get('type'))]
    for part in ('train', 'val', 'test'):
        loader = config.get(f'{part}_dataloader') or {}
        rows = unwrap_datasets(loader.get('dataset'))
        types += [registered(DATASETS, row.get('type')) for row in rows]
    packages: dict[str, str] = {}
    for kind in types:
        packages.update(getattr(kind, 'packages', {}))
    for module, source in packages.items():
        if find_spec(module) is None:
            yield Need(module, 'the package is not installed', source)
    model = (config.get('model') or {}).get('type')
    kind = registered(MODELS, model)
    takes_operators = kind is None or getattr(kind, 'needs_compiled_operators', False)
    if model and not has_compiled_operators() and takes_operators:
        yield Need('mmcv', f"{model} needs mmcv's compiled operators", COMPILED)
