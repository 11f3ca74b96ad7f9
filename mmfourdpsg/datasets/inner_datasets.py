"""Look-up of a data set and of those that it wraps."""


def inner_datasets(dataset: object) -> list:
    """Return a data set and those that it wraps, directly or by others."""
    wrapped = [*getattr(dataset, 'datasets', []), getattr(dataset, 'dataset', None)]
    inner = [
        row for item in wrapped if item is not None for row in inner_datasets(item)
    ]
    return [dataset, *inner]
