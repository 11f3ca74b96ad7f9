import pytest


@pytest.fixture(scope='session')
def simulate():
    """Return a function that simulates a video, each but once."""
    pytest.importorskip('pybullet', reason='the simulated world needs the extra "sim"')
    from mmfourdpsg.simulation.edition import TABLETOP
    from mmfourdpsg.simulation.simulate import simulate_video

    made = {}

    def run(seed, unseen=False, edition=TABLETOP):
        key = seed, unseen, edition.name
        if key not in made:
            made[key] = simulate_video(f'video_{seed}', seed, unseen, edition)
        return made[key]

    return run
