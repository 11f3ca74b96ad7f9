"""The viewer page in a real browser."""

import base64
import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from mmfourdpsg.structures import SceneGraph
from mmfourdpsg.visualization import (
    LeastScores,
    object_colours,
    object_names,
    write_viewer,
)


@pytest.fixture(scope='module')
def page(graph, frames, tmp_path_factory):
    path = tmp_path_factory.mktemp('page') / 'viewer.html'
    write_viewer(path, graph, frames, fps=4)
    return path


@pytest.fixture
def viewer(browser, page):
    """The page, freshly loaded; afterwards its console must be empty."""
    _open(browser, page)
    yield browser
    assert browser.get_log('browser') == []


def _open(browser, path):
    browser.get_log('browser')
    browser.get(path.as_uri())
    _wait(browser, 'document.body.dataset.drawn === "0"')


def _wait(browser, condition):
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 10, 0.05).until(
        lambda driver: driver.execute_script(f'return {condition}')
    )


def _find(browser, selector):
    return browser.find_elements('css selector', selector)


def _image(browser, size=(120, 90)):
    """Return what the canvas shows, at the video's size."""
    address = browser.execute_script(
        'return document.getElementById("image").toDataURL("image/png")'
    )
    data = base64.b64decode(address.split(',')[1])
    image = np.asarray(Image.open(io.BytesIO(data)).convert('RGB'))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(int)


def _seek(browser, frame):
    browser.execute_script(
        'const s = document.getElementById("slider"); s.value = arguments[0];'
        's.dispatchEvent(new Event("input"))',
        frame,
    )
    _wait(browser, f'document.body.dataset.drawn === "{frame}"')


def _rows(browser):
    return [
        (row.text.split('\n')[0], 'now' in row.get_attribute('class').split())
        for row in _find(browser, '.row')
        if row.is_displayed()
    ]


def _playhead(browser):
    return browser.execute_script(
        'return document.getElementById("playhead").getBoundingClientRect().left'
    )


def _press(browser, *keys):
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(browser).send_keys(*keys).perform()


def test_the_page_shows_everything_and_escapes_every_text(viewer, graph):
    names = object_names(graph)
    assert viewer.title == 'clip - scene graph'
    assert _find(viewer, '#title')[0].text == 'clip'
    assert '4 objects' in _find(viewer, '#counts')[0].text
    assert '3 relations' in _find(viewer, '#counts')[0].text
    listed = [item.text.split('\n') for item in _find(viewer, '.objects button')]
    scores = ['0.85', '0.90', '0.95']
    assert listed[:3] == [[names[i], s] for i, s in zip((7, 8, 9), scores, strict=True)]
    assert listed[3] == ['floor 1']
    assert names[7].startswith('</script><b onclick=')
    assert _find(viewer, 'b[onclick]') == []
    assert [node.text for node in _find(viewer, '.node')] == list(names.values())
    assert len(_find(viewer, '.edge')) == 3


def test_what_is_said_of_objects_and_pairs_is_shown(browser, graph, frames, tmp_path):
    hostile = graph.objects[0].category
    assert hostile.startswith('</script><b onclick=')
    objects = [
        replace(item, description=description)
        for item, description in zip(
            graph.objects, [hostile, 'red, moving right', '', ''], strict=True
        )
    ]
    reasons = [hostile, '', 'it lies there']
    relations = [
        replace(row, reason=reason)
        for row, reason in zip(graph.relations, reasons, strict=True)
    ]
    said = SceneGraph('clip', 90, 120, len(frames), objects, relations)
    write_viewer(tmp_path / 'said.html', said, frames, fps=4)
    _open(browser, tmp_path / 'said.html')
    buttons = _find(browser, '.objects button')
    assert [button.text.split('\n')[2:] for button in buttons] == [
        [hostile],
        ['red, moving right'],
        [],
        [],
    ]
    assert buttons[1].get_attribute('title').endswith(': red, moving right')
    rows = {r.get_attribute('data-sentence'): r for r in _find(browser, '.row')}
    names = object_names(graph)
    shown = [
        [
            line.text
            for line in rows[f'{names[a]} {word} {names[b]}'].find_elements(
                'css selector', '.says'
            )
        ]
        for a, word, b in ((7, 'holding', 8), (9, 'next to', 8), (8, 'on', 11))
    ]
    assert shown == [[hostile], [], ['it lies there']]
    assert [node.text for node in _find(browser, '.node')] == list(names.values())
    assert _find(browser, 'b[onclick]') == []
    assert browser.get_log('browser') == []


def test_the_slider_changes_the_frame(viewer, frames):
    corner = (slice(80, 88), slice(105, 118))  # no mask there
    for index in (0, 3, 5):
        _seek(viewer, index)
        shown = _image(viewer)[corner]
        assert np.abs(shown - frames[index][corner]).max() < 6
    _seek(viewer, 4)
    assert sorted(_rows(viewer)) == sorted((row, True) for row, _ in _rows(viewer))
    _seek(viewer, 2)
    assert [now for _, now in _rows(viewer)] == [False, True, False]


def test_masks_are_drawn_where_they_are(viewer, graph, masks, frames):
    _find(viewer, '#labels')[0].click()
    viewer.execute_script(
        'document.dispatchEvent(new KeyboardEvent("keydown", {key: "Home"}))'
    )
    colours = object_colours(graph)
    for index in (0, 3, 5):
        _seek(viewer, index)
        change = np.abs(_image(viewer) - frames[index]).max(-1)
        visible = {i: m[index] for i, m in masks.items() if index in m}
        covered = np.any(list(visible.values()), axis=0).astype(np.uint8)
        kernel = np.ones((5, 5), np.uint8)
        outside = cv2.dilate(covered, kernel) == 0
        inside = cv2.erode(covered, kernel) > 0
        assert (change[outside] < 6).all()
        assert (change[inside] > 8).all()
        for object_id, mask in visible.items():
            others = [m for i, m in visible.items() if i != object_id]
            alone = mask & ~np.any(others, axis=0)
            inner = cv2.erode(alone.astype(np.uint8), kernel) > 0
            weight = 110 / 255
            expected = (1 - weight) * frames[index][0, 0] + weight * np.array(
                colours[object_id]
            )
            seen = np.median(_image(viewer)[inner], axis=0)
            assert np.abs(seen - expected).max() < 8


def test_a_click_in_the_image_isolates_and_escape_releases(viewer, graph, frames):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    _seek(viewer, 4)
    canvas = _find(viewer, '#image')[0]
    size = canvas.size
    before = _image(viewer)
    # Object 9 is a ring around (95, 60); (95, 74) lies on it.
    ActionChains(viewer).move_to_element_with_offset(
        canvas,
        round((95.5 / 120 - 0.5) * size['width']),
        round((74.5 / 90 - 0.5) * size['height']),
    ).click().perform()
    pressed = [
        b.get_attribute('aria-pressed') for b in _find(viewer, '.objects button')
    ]
    assert pressed == ['false', 'false', 'true', 'false']
    assert [row for row, _ in _rows(viewer)] == ['cup 2 next to cup 1']
    after = _image(viewer)
    spread = np.ptp(after, axis=-1)  # grey has none
    assert spread[18:40, 58:78].max() < 6  # the first cup's mask is gone
    assert np.ptp(before, axis=-1)[18:40, 58:78].max() > 20
    assert spread[72:76, 93:97].min() > 10  # its own is there
    assert after[85, 5].max() < 0.6 * frames[4][0, 0, 0]  # the rest is dimmed
    hidden = [e for e in _find(viewer, '.edge') if not e.is_displayed()]
    assert len(hidden) == 2
    _press(viewer, Keys.ESCAPE)
    assert len(_rows(viewer)) == 3
    ActionChains(viewer).move_to_element(_find(viewer, '#title')[0]).perform()
    assert (_image(viewer) == before).all()


@pytest.mark.parametrize('selector', ['.objects button', '.node circle'])
def test_list_and_graph_isolate_too_and_a_second_click_releases(viewer, selector):
    item = _find(viewer, selector)[1]
    item.click()
    assert [r for r, _ in _rows(viewer)] and 'cup 1' in _find(
        viewer, '#relations-title'
    )[0].text
    assert len(_rows(viewer)) == 3
    _find(viewer, selector)[3].click()
    assert [row for row, _ in _rows(viewer)] == ['cup 1 on floor 1']
    _find(viewer, selector)[3].click()
    assert _find(viewer, '#relations-title')[0].text == 'Relations over time'


def test_playing_moves_the_playhead_and_the_bars_follow(viewer):
    from selenium.webdriver.common.keys import Keys

    start = _playhead(viewer)
    _find(viewer, '#play')[0].click()
    _wait(viewer, 'Number(document.body.dataset.drawn) >= 2')
    moved = _playhead(viewer)
    assert moved > start + 20
    _find(viewer, '#play')[0].click()
    assert _find(viewer, '#play')[0].text == 'Play'
    viewer.execute_script('document.activeElement.blur()')
    _press(viewer, Keys.HOME)
    assert _playhead(viewer) == start
    _press(viewer, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_LEFT)
    assert viewer.execute_script('return document.body.dataset.drawn') == '1'
    _press(viewer, ' ')
    assert _find(viewer, '#play')[0].text == 'Pause'


def test_a_click_on_a_bar_seeks_to_it(viewer):
    bars = _find(viewer, '.row .bar')
    target = next(b for b in bars if b.get_attribute('title').startswith('frames 3'))
    left, width = target.rect['x'], target.rect['width']
    target.click()  # its middle: frames 3 to 5, so 4
    assert viewer.execute_script('return document.body.dataset.drawn') == '4'
    assert left <= _playhead(viewer) <= left + width
    thumb = viewer.execute_script(
        'const s = document.getElementById("slider").getBoundingClientRect();'
        'return s.left + 8 + (s.width - 16) * 4 / 5'
    )
    assert abs(thumb - _playhead(viewer) - 1) < 2


@pytest.mark.parametrize(('width', 'height'), [(1280, 800), (800, 900), (400, 800)])
def test_the_page_fits_the_window(viewer, width, height):
    viewer.execute_cdp_cmd(
        'Emulation.setDeviceMetricsOverride',
        dict(width=width, height=height, deviceScaleFactor=1, mobile=False),
    )
    try:
        over, down = viewer.execute_script(
            'const e = document.documentElement;'
            'return [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]'
        )
        assert over == 0
        if width == 1280:
            assert down == 0
        assert _find(viewer, '#image')[0].size['width'] > 0.3 * width
    finally:
        viewer.execute_cdp_cmd('Emulation.clearDeviceMetricsOverride', {})


def test_what_is_not_sure_is_shown_on_demand(browser, graph, frames, tmp_path):
    least = LeastScores(objects=0.88, relations=0.3)
    write_viewer(tmp_path / 'sure.html', graph, frames, fps=4, least_scores=least)
    _open(browser, tmp_path / 'sure.html')

    def listed():
        return [
            item.text.split('\n')[0]
            for item in _find(browser, '.objects button')
            if item.is_displayed()
        ]

    names = object_names(graph)
    # The floor has no score, as in ground truth.
    assert listed() == [names[8], names[9], names[11]]
    assert '3 of 4 objects' in _find(browser, '#counts')[0].text
    shown = {names[8], names[9], names[11]}
    nodes = [node for node in _find(browser, '.node') if node.is_displayed()]
    assert {node.text for node in nodes} == shown
    expected = least.select(graph).relations
    assert len(_rows(browser)) == len(expected) < len(graph.relations)
    field = _find(browser, '#least-objects')[0]
    browser.execute_script(
        'arguments[0].value = 0; arguments[0].dispatchEvent(new Event("input"))', field
    )
    assert listed() == list(names.values())
    assert '4 objects' in _find(browser, '#counts')[0].text
    assert browser.get_log('browser') == []


def test_an_empty_graph_and_a_thinned_video_say_so(browser, frames, tmp_path):
    write_viewer(tmp_path / 'empty.html', SceneGraph('image', 90, 120, 1), frames[:1])
    _open(browser, tmp_path / 'empty.html')
    assert 'No relations were found.' in browser.page_source
    assert 'No objects were found.' in browser.page_source
    long = SceneGraph('long', 90, 120, 60)
    write_viewer(tmp_path / 'long.html', long, frames * 10, max_frames=10)
    _open(browser, tmp_path / 'long.html')
    assert _find(browser, '#notice')[0].text.startswith('Shows 10 of 60 frames')
    _seek(browser, 59)
    assert browser.get_log('browser') == []
