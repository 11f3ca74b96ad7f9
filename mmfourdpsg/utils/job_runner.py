"""Runner of many independent jobs, in parallel, with progress and all failures told."""

import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from .input_error import InputError


def run_jobs(
    function: Callable[[Any], None],
    jobs: Sequence[tuple[str, Any]],
    workers: int,
    what: str,
) -> None:
    """Run a function on each job and tell the progress.

    A job that fails is told at once and again at the end; the others go on.

    Args:
        function: Does one job; a module's own, so that processes find it. It raises
            an :class:`InputError` where the job's input is bad.
        jobs: Name and argument of each.
        workers: Processes; with one, the jobs run in this process.
        what: What a job is, in the plural, for the lines of progress.

    Raises:
        InputError: Jobs failed; the message names the first and says how many. Or a
            process was killed, which stops the others too.
    """
    started = last = time.monotonic()
    failures = []
    for done, (name, problem) in enumerate(_results(function, jobs, workers), start=1):
        if problem is not None:
            failures.append((name, problem))
            print(f'failed: {name}: {problem}', file=sys.stderr, flush=True)
        now = time.monotonic()
        if now - last >= 5 or done == len(jobs):
            last = now
            left = (now - started) / done * (len(jobs) - done)
            print(f'  {done}/{len(jobs)} {what}, about {left:.0f} s to go', flush=True)
    if failures:
        name, problem = failures[0]
        raise InputError(
            f'{len(failures)} of {len(jobs)} {what} failed; the first, {name}: '
            f'{problem}'
        )


def _results(
    function: Callable, jobs: Sequence[tuple[str, Any]], workers: int
) -> Iterator[tuple[str, str | None]]:
    attempt = partial(_attempt, function)
    if workers <= 1 or len(jobs) <= 1:
        yield from map(attempt, jobs)
        return
    # Fresh processes: libraries for video keep threads that do not survive a fork.
    context = multiprocessing.get_context('spawn')
    # Unlike multiprocessing's pool, it tells of a killed process instead of waiting.
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        futures = [pool.submit(attempt, job) for job in jobs]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool:
            raise InputError(
                'a process was killed, perhaps for lack of memory; what is done is '
                'kept, so run it again with fewer workers'
            ) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _attempt(function: Callable, job: tuple[str, Any]) -> tuple[str, str | None]:
    name, argument = job
    try:
        function(argument)
    except (InputError, OSError) as error:
        return name, ' '.join(str(error).split())
    except Exception as error:
        # A fault that nobody thought of must not lose the other jobs either.
        return name, ' '.join(f'{type(error).__name__}: {error}'.split())
    return name, None
