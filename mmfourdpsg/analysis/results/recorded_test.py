"""Record of a test that was scored with its config's own metrics."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from mmfourdpsg.utils import InputError

from ..studies.recipe_digest import metrics_digest


def logged_metrics(folder: Path, config: str) -> dict[str, float]:
    """Return the metrics that a test left in its work directory.

    Args:
        folder: The work directory.
        config: The config of the test, for the message.

    Raises:
        InputError: There are none.
    """
    # Where MMEngine leaves the metrics of a test.
    for path in folder.glob('*/*.json'):
        metrics = json.loads(path.read_bytes())
        found = {key: value for key, value in metrics.items() if '/' in key}
        if found:
            return found
    raise InputError(f'{config}: its test has no metrics, expected some')


def make_test_record(
    name: str,
    config: str,
    options: Sequence[str],
    checkpoint: str,
    metrics: Mapping[str, float],
) -> dict:
    """Return the record of a test, fit for JSON.

    Args:
        name: What is scored, for the table.
        config: Its config.
        options: As --cfg-options takes them.
        checkpoint: The checkpoint, or "none".
        metrics: What it scored.

    Raises:
        InputError: The config cannot be read.
    """
    row = dict(config=config, options=list(options), checkpoint=checkpoint)
    return dict(
        name=name,
        **row,
        date=datetime.now(timezone.utc).date().isoformat(),
        recipe=metrics_digest(row),
        metrics={key: round(value, 2) for key, value in metrics.items()},
    )
