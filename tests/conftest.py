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
    """Small real data beside the checkout; tests that use it skip without it."""
    folder = Path(
        os.environ.get('MMFOURDPSG_FIXTURES', ROOT.parent / 'shared/fixtures')
    )
    if not folder.is_dir():
        pytest.skip(f'the real sample data is not at {folder}')
    return folder
