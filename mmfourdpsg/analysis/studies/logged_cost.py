"""Size of a model and its time for a video, read from the log of a test."""

import json
from pathlib import Path

KEYS = ('parameters', 'seconds_a_video')


def logged_cost(folder: Path) -> dict:
    """Return what ``ModelCostHook`` left in the log of the last test.

    Args:
        folder: Where the tests' logs are, in a folder each.

    Returns:
        dict: ``parameters`` and ``seconds_a_video``; empty where nothing tells them.
    """
    # MMEngine names files and folders by the time.
    for path in sorted(folder.glob('*/*.json'), reverse=True):
        metrics = json.loads(path.read_bytes())
        if all(key in metrics for key in KEYS):
            seconds = round(metrics['seconds_a_video'], 3)
            return dict(parameters=metrics['parameters'], seconds_a_video=seconds)
    return {}
