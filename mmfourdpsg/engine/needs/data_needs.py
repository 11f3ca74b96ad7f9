"""Needs of data: data sets that a config reads and that are not there."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mmfourdpsg.registry import DATASETS
from mmfourdpsg.utils.config_paths import WRITTEN
from mmfourdpsg.utils.dataset_configs import unwrap_datasets

from ..registered import registered
from .need import Need

SIMULATED = 'tabletop'


def data_needs(config: Mapping, parts: Sequence[str]) -> Iterator[Need]:
    """Yield a need for each data root that lacks something.

    Args:
        config: The config of a run.
        parts: What the run reads, of ``train``, ``val`` and ``test``.
    """
    lacking: dict[tuple[str, type], dict[str, None]] = {}
    for part in parts:
        loader = config.get(f'{part}_dataloader') or {}
        for row in unwrap_datasets(loader.get('dataset')):
            kind = registered(DATASETS, row.get('type'))
            if hasattr(kind, 'missing_paths'):
                key = (str(row.get('data_root') or ''), kind)
                lacking.setdefault(key, {}).update(
                    dict.fromkeys(kind.missing_paths(row))
                )
    for (root, kind), paths in lacking.items():
        if paths:
            yield Need(
                root or '.',
                f'{kind.__name__} finds no {", ".join(paths)}',
                _source(root, kind),
            )
    for part in parts:
        yield from _evaluator_needs(config.get(f'{part}_evaluator'))
    yield from _object_needs(config.get('model') or {})


def _evaluator_needs(config: Mapping | Sequence[Mapping] | None) -> Iterator[Need]:
    for row in config if isinstance(config, list | tuple) else [config or {}]:
        for key, value in row.items():
            if (
                key not in WRITTEN
                and isinstance(value, str)
                and value.endswith('.json')
                and not Path(value).is_file()
            ):
                problem = f'no such file of scene graphs, which {row["type"]} reads'
                yield Need(value, problem, 'tools/export_scene_graphs.py')


def _object_needs(model: Mapping) -> Iterator[Need]:
    path = (model.get('object_source') or {}).get('path')
    if path and not Path(path).exists():
        problem = f'no such file of objects, which {model["type"]} relates'
        yield Need(path, problem, 'tools/test.py with --out, of what finds objects')


def _source(root: str, kind: type) -> str:
    places = Path(root).parts
    if any(part.startswith(SIMULATED) for part in places):
        if places[-2:] == (SIMULATED, 'psg4d_gta'):
            return f'python tools/make_tabletop.py --out {Path(root).parent}'
        return 'tools/make_tabletop.py, by the commands in docs/training.md'
    return f'{kind.source}, laid out as docs/datasets.md says' if kind.source else ''
