"""Tasks that need each other, several at a time."""

from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

Task = Hashable


def run_side_by_side(
    tasks: Mapping[Task, Callable[[], object]],
    needs: Mapping[Task, Collection[Task]],
    jobs: int,
) -> None:
    """Run each task once all that it needs is done, the first ones first.

    Args:
        tasks: What to call for each, in a thread of its own.
        needs: Tasks that one waits for; none if left out.
        jobs: How many run at a time.

    Raises:
        ValueError: A task needs one that there is not, or, by others, itself.
        Exception: That of the first task that failed. What runs by then ends, what
            waits is not begun.
    """
    waiting, done = list(tasks), set()
    running: dict[Future, Task] = {}
    with ThreadPoolExecutor(jobs) as pool:
        while waiting or running:
            ready = [task for task in waiting if done.issuperset(needs.get(task, ()))]
            for task in ready[: jobs - len(running)]:
                waiting.remove(task)
                running[pool.submit(tasks[task])] = task
            if not running:
                raise ValueError(f'{waiting}: need themselves or what is no task')
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                future.result()
                done.add(running.pop(future))
