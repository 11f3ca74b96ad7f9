"""Scheduler of tasks that depend on each other, several at a time."""

from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

Task = Hashable


def run_side_by_side(
    tasks: Mapping[Task, Callable[[], object]],
    needs: Mapping[Task, Collection[Task]],
    jobs: int,
    on_failure: Callable[[Task, BaseException], object] | None = None,
) -> None:
    """Run each task once all that it needs is done, the first ones first.

    Where one fails, those that need it are not begun, and all others are.

    Args:
        tasks: What to call for each, in a thread of its own.
        needs: Tasks that one waits for; none if left out.
        jobs: How many run at a time.
        on_failure: Called at once with a task that failed and its exception.

    Raises:
        ValueError: A task needs one that there is not, or, by others, itself.
        Exception: That of the first task that failed, once no other can be run.
    """
    waiting, done = list(tasks), set()
    running: dict[Future, Task] = {}
    errors: list[BaseException] = []
    with ThreadPoolExecutor(jobs) as pool:
        while True:
            ready = [task for task in waiting if done.issuperset(needs.get(task, ()))]
            for task in ready[: jobs - len(running)]:
                waiting.remove(task)
                running[pool.submit(tasks[task])] = task
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task, error = running.pop(future), future.exception()
                if error is None:
                    done.add(task)
                    continue
                errors.append(error)
                if on_failure is not None:
                    on_failure(task, error)
    if errors:
        raise errors[0]
    if waiting:
        raise ValueError(f'{waiting}: need themselves or what is no task')
