"""What all tests share."""

import os
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True, scope='session')
def _one_thread():
    # Tests run in parallel processes; more threads than cores only fight.
    torch.set_num_threads(1)


@pytest.fixture(scope='session')
def repository() -> Path:
    return ROOT


@pytest.fixture(scope='session')
def fixtures_dir() -> Path:
    """Folder of small real data, which is not shipped; tests that need it skip."""
    folder = Path(
        os.environ.get('MMFOURDPSG_FIXTURES', ROOT.parent / 'shared/fixtures')
    )
    if not folder.is_dir():
        pytest.skip(
            'checks real data, which is not shipped; MMFOURDPSG_FIXTURES names its '
            f'folder (CONTRIBUTING.md), now {folder}, which is not there'
        )
    return folder


@pytest.fixture(scope='session')
def tiny_world(tmp_path_factory) -> Path:
    """Root of a tiny Tabletop-4D in PSG4D-GTA's layout: two videos a split."""
    from mmfourdpsg.simulation.psg4d_gta_writer import PSG4DGTAWriter
    from mmfourdpsg.simulation.simulate import simulate_video

    root = tmp_path_factory.mktemp('tabletop') / 'psg4d_gta'
    writer = PSG4DGTAWriter(root, 'tests')
    splits = dict(train=['train_0', 'train_1'], val=['test_0', 'test_1'])
    for seed, name in enumerate(name for names in splits.values() for name in names):
        writer.write(simulate_video(name, seed))
    writer.finish(splits)
    return root
