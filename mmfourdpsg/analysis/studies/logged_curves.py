"""Learning curves, read from the log of a run."""

import json
from pathlib import Path


def learning_curves(folder: Path) -> dict:
    """Return what a run logged, resumed or not.

    Args:
        folder: The run's folder.

    Returns:
        dict: ``train_seconds``, ``steps``, and ``curves``: losses and recalls, each a
        list of pairs of step and value. Empty where nothing was logged.
    """
    training, validation = _read_scalars(folder)
    if not training:
        return {}
    result: dict[str, list] = {}
    seconds, last = 0.0, 0
    for row in training:
        # A row tells the mean of the iterations since the one before.
        seconds += row['time'] * (row['step'] - last)
        last = row['step']
        for key, value in row.items():
            if key.startswith('loss'):
                result.setdefault(key, []).append([last, round(value, 4)])
    an_epoch = last / training[-1]['epoch']  # in steps; validations count epochs
    for row in validation:
        for key, value in row.items():
            if '@' in key:
                points = result.setdefault(key.rpartition('/')[2], [])
                points.append([round(row['step'] * an_epoch), round(value, 2)])
    return dict(train_seconds=round(seconds), steps=last, curves=result)


def _read_scalars(folder: Path) -> tuple[list[dict], list[dict]]:
    """Return rows of the training by iteration, and of the validations by epoch.

    Of a step that was done twice the later row counts.
    """
    training: dict[int, dict] = {}
    validation: dict[int, dict] = {}
    for path in sorted(folder.glob('*/vis_data/scalars.json')):
        for line in path.read_text(encoding='utf-8').splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                # A run that was killed may have been writing.
                continue
            part = training if 'loss' in row else validation
            part[row['step']] = row
    return [training[i] for i in sorted(training)], [
        validation[i] for i in sorted(validation)
    ]
