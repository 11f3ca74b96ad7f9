import shutil

import numpy as np
import pytest

from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject

HEIGHT, WIDTH, NUM_FRAMES = 90, 120, 6
HOSTILE = '</script><b onclick="x()">&amp; {{title}}'


def disc(x, y, radius):
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return (columns - x) ** 2 + (rows - y) ** 2 < radius**2


@pytest.fixture(scope='session')
def masks():
    """Object id -> frame -> mask; the second cup has a hole and comes late."""
    ring = disc(95, 60, 20) & ~disc(95, 60, 8)
    return {
        7: {f: disc(20 + 4 * f, 30, 16) for f in range(NUM_FRAMES)},
        8: {f: disc(70, 30, 12) for f in range(NUM_FRAMES)},
        9: dict.fromkeys((3, 4, 5), ring),
    }


@pytest.fixture(scope='session')
def graph(masks):
    labels = {7: HOSTILE, 8: 'cup', 9: 'cup'}
    objects = [
        SceneObject(
            i,
            labels[i],
            score=0.5 + 0.05 * i,
            tube=MaskTube.from_masks(masks[i], HEIGHT, WIDTH),
        )
        for i in masks
    ]
    objects.append(SceneObject(11, 'floor', False, boxes={1: (4.0, 70.0, 60.0, 88.0)}))
    relations = [
        Relation(7, 'holding', 8, [(0, 1), (4, 5)], 0.9),
        Relation(9, 'next to', 8, [(3, 5)], 0.4),
        Relation(8, 'on', 11, [(2, 4)], 0.6),
    ]
    return SceneGraph('clip', HEIGHT, WIDTH, NUM_FRAMES, objects, relations)


@pytest.fixture(scope='session')
def frames():
    """Plain grey, a lighter one each frame."""
    return [
        np.full((HEIGHT, WIDTH, 3), 100 + 20 * f, np.uint8) for f in range(NUM_FRAMES)
    ]


@pytest.fixture(scope='session')
def browser(tmp_path_factory):
    """A headless Chromium; one for all tests of the page."""
    chromium, driver = shutil.which('chromium'), shutil.which('chromedriver')
    if chromium is None or driver is None:
        pytest.skip('chromium and chromedriver are not installed')
    webdriver = pytest.importorskip('selenium.webdriver')
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (
        'headless=new',
        'no-sandbox',
        'disable-gpu',
        'disable-quic',
        'no-first-run',
        'disable-background-networking',
        'disable-component-update',
        'disable-sync',
        'disable-dev-shm-usage',
        'window-size=1280,800',
        f'user-data-dir={tmp_path_factory.mktemp("chromium")}',
    ):
        options.add_argument(f'--{flag}')
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    service = webdriver.chrome.service.Service(driver)
    with webdriver.Chrome(options=options, service=service) as found:
        yield found
