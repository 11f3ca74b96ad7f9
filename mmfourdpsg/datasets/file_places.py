"""Places of a data set's files below its data root, and which of them are missing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

# The kinds of files that a transform reads.
READ_BY = dict(
    LoadRGBFrames=('rgb',),
    LoadDepthFrames=('depth', 'camera'),
    LoadPanopticMasks=('mask',),
)


def missing_places(
    config: Mapping[str, Any],
    ann_files: Sequence[str],
    prefixes: Mapping[str, Sequence[str]],
    companions: Sequence[str] = (),
    optional: Collection[str] = (),
) -> list[str]:
    """Return what a data set needs and its data root lacks.

    The annotation with its companions, and a folder of each kind of file that the
    pipeline reads; where nothing is there, also of a kind that may be unknown.

    Args:
        config: Config of the data set; what it names itself comes first.
        ann_files: Where the annotation may lie, the published place first.
        prefixes: Where the files of a kind may lie, the published place first.
        companions: Files that have to lie beside the annotation.
        optional: Kinds of files that the data set may be without.

    Returns:
        list[str]: Paths relative to the data root, the published place of each.
    """
    root = Path(config.get('data_root') or '')
    annotation = config.get('ann_file')
    given = {**prefixes, **(config.get('data_prefix') or {})}
    places: list[Sequence[str | Path]] = []
    if annotation or ann_files:
        candidates = (annotation,) if annotation else ann_files
        first = Path(first_there(root, candidates))
        places += [candidates, *((first.with_name(name),) for name in companions)]
    for transform in _transforms(config.get('pipeline', ())):
        name = transform.get('type')
        unknown = transform.get('missing') == 'unknown'
        for kind in READ_BY.get(name, ()):
            if kind in given and not (root.is_dir() and (unknown or kind in optional)):
                prefix = given[kind]
                places.append((prefix,) if isinstance(prefix, str) else prefix)
    lacking = [str(row[0]) for row in places if not is_there(root, row)]
    return list(dict.fromkeys(path for path in lacking if path))


def _transforms(pipeline: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the configs of a pipeline, and of those that one of them holds."""
    for transform in pipeline:
        if isinstance(transform, Mapping):
            yield transform
            yield from _transforms(transform.get('transforms', ()))


def is_there(root: Path, candidates: Sequence[str | Path]) -> bool:
    """Return whether one of some candidates is below a folder.

    Args:
        root: The folder.
        candidates: As :func:`first_there` takes them.
    """
    return any(_is_there(root, str(candidate)) for candidate in candidates)


def _is_there(root: Path, candidate: str) -> bool:
    parent, _, pattern = candidate.rpartition('/')
    if '*' in pattern:
        return any((root / parent).glob(pattern))
    return (root / candidate).exists()


def first_there(root: Path, candidates: Sequence[str]) -> str:
    """Return the first candidate that is below a folder, else the very first.

    Args:
        root: The folder.
        candidates: Paths relative to it. One that ends in a pattern, as in
            ``coco/panoptic_*``, stands for its parent, if something matches there.
    """
    for candidate in candidates:
        if _is_there(root, candidate):
            parent, _, pattern = candidate.rpartition('/')
            return parent if '*' in pattern else candidate
    first = candidates[0] if candidates else ''
    return first.rpartition('/')[0] if '*' in first else first
