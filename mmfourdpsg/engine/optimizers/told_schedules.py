"""Errors of schedules that a config sets wrongly, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from mmfourdpsg.utils import InputError


@contextmanager
def told_schedules() -> Iterator[None]:
    """Say what is wrong where schedules of a config are built.

    Raises:
        InputError: One cannot be built, as a cosine behind 500 warm-up steps cannot in
            a training that is shorter.
    """
    try:
        yield
    except ValueError as error:
        raise InputError(
            f'param_scheduler: {error}; where one begins behind the last step, '
            'expected a longer training, or fewer warm-up steps, such as --cfg-options '
            'param_scheduler.0.end=20 param_scheduler.1.begin=20'
        ) from error
