import pytest


@pytest.fixture(scope='session')
def simulate():
    """Return a function that simulates a video, each but once."""
    pytest.importorskip('pybullet', reason='the simulated world needs the extra "sim"')
    from mmfourdpsg.simulation.simulate import simulate_video

    made = {}

    def run(seed, unseen=False):
        if (seed, unseen) not in made:
            made[seed, unseen] = simulate_video(f'video_{seed}', seed, unseen)
        return made[seed, unseen]

    return run
