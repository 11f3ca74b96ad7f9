"""Data sets within configs: unwrapping, and their data roots."""

from collections.abc import Iterator, Mapping


def unwrap_datasets(dataset: Mapping | None) -> Iterator[Mapping]:
    """Yield the configs of the data sets that wrappers, if any, hold.

    Args:
        dataset: Config of a data set, of MMEngine's ``ConcatDataset`` or of a wrapper
            of one data set; None holds none.
    """
    if not dataset:
        return
    wrapped = [*dataset.get('datasets', ()), dataset.get('dataset')]
    if not any(wrapped):
        yield dataset
        return
    for row in wrapped:
        yield from unwrap_datasets(row)


def data_roots(loader: Mapping) -> str:
    """Return the data roots of a data loader's config, in one line."""
    rows = unwrap_datasets(loader['dataset'])
    return ', '.join(dict.fromkeys(row['data_root'] for row in rows))
