import threading

import pytest

from mmfourdpsg.analysis.studies.side_by_side import run_side_by_side


def test_a_task_waits_for_what_it_needs():
    order = []
    needs = dict(test=['train'], train=['data', 'weights'])
    names = ('test', 'train', 'data', 'weights')
    tasks = {name: lambda name=name: order.append(name) for name in names}
    run_side_by_side(tasks, needs, jobs=1)
    assert order == ['data', 'weights', 'train', 'test']


def test_as_many_run_as_there_are_jobs():
    # Each waits until all three are there: fewer at a time would never end.
    barrier = threading.Barrier(3, timeout=30)
    run_side_by_side(dict.fromkeys(range(6), barrier.wait), {}, jobs=3)
    alone, most = threading.Lock(), []

    def task():
        most.append(alone.acquire(blocking=False))
        if most[-1]:
            alone.release()

    run_side_by_side(dict.fromkeys(range(20), task), {}, jobs=1)
    assert most == [True] * 20


@pytest.mark.parametrize('jobs', [1, 2])
def test_what_fails_stops_what_waits_for_it_alone(jobs):
    done, told = [], []
    error = OSError('disk full')

    def fail():
        raise error

    tasks = dict(
        first=fail,
        second=lambda: done.append('second'),
        third=lambda: done.append('third'),
        fourth=lambda: done.append('fourth'),
    )
    needs = dict(second=['first'], third=['second'])
    with pytest.raises(OSError, match='disk full'):
        run_side_by_side(tasks, needs, jobs, lambda *what: told.append(what))
    assert done == ['fourth']
    assert told == [('first', error)]


@pytest.mark.parametrize('needs', [dict(a=['b'], b=['a']), dict(a=['c'])])
def test_what_can_never_begin_is_refused(needs):
    with pytest.raises(ValueError, match='need themselves or what is no task'):
        run_side_by_side(dict(a=print, b=print), needs, jobs=2)
