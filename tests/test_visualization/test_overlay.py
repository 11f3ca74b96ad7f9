import weakref

import av
import cv2
import numpy as np
import pytest

from mmfourdpsg.structures import MaskTube, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError
from mmfourdpsg.visualization import (
    LeastScores,
    OverlayRenderer,
    object_colours,
    write_overlay_video,
    write_video,
)


def _decode(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = [f.to_ndarray(format='rgb24') for f in container.decode(stream)]
        return stream.codec_context.name, float(stream.average_rate), frames


def test_masks_are_tinted_in_the_objects_colour_and_nothing_else_is(
    graph, frames, masks
):
    renderer = OverlayRenderer(graph, min_side=1)
    drawn = renderer(frames[5], 5)[:90].astype(int)
    ring = masks[9][5]
    colour = np.array(object_colours(graph)[9])
    expected = 0.58 * 200 + 0.42 * colour
    inner = drawn[75, 95]  # inside the ring, off its rim and its label
    assert ring[75, 95]
    assert np.abs(inner - expected).max() <= 2
    assert (drawn[60, 95] == 200).all()  # the ring's hole
    assert (drawn[88, 2] == 200).all()


def test_a_name_stands_at_the_innermost_place_of_its_mask(
    graph, frames, masks, monkeypatch
):
    places = {}
    monkeypatch.setattr(
        OverlayRenderer,
        '_draw_label',
        lambda self, draw, item, place: places.setdefault(item.id, place),
    )
    renderer = OverlayRenderer(graph, min_side=270)
    assert renderer.size == (360, 270)
    renderer(frames[5], 5)
    assert len(places) > 1
    for id, (x, y) in places.items():
        # The mask as it is drawn, three times as large.
        mask = np.kron(masks[id][5], np.ones((3, 3), np.uint8))
        depth = cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
        assert depth[y, x] > depth.max() - 4, id


def test_stuff_is_tinted_less_than_things(frames):
    everywhere = {0: np.ones((90, 120), bool)}
    tints = {}
    for is_thing in (True, False):
        tube = MaskTube.from_masks(everywhere, 90, 120)
        item = SceneObject(1, 'table', is_thing, tube=tube)
        graph = SceneGraph('stuff', 90, 120, 1, [item], [])
        drawn = OverlayRenderer(graph, min_side=1)(frames[0], 0)
        # Away from the rim and the name.
        pixel = drawn[20, 20].astype(int)
        change = np.array(object_colours(graph)[1]) - frames[0][20, 20]
        tints[is_thing] = (pixel - frames[0][20, 20]) / change
    assert tints[True] == pytest.approx(0.42, abs=0.03)
    assert tints[False] == pytest.approx(0.2, abs=0.03)


def test_what_is_less_sure_is_not_drawn_and_names_stay(graph, frames, masks):
    least = LeastScores(objects=0.92)
    renderer = OverlayRenderer(graph, min_side=1, least_scores=least)
    drawn = renderer(frames[5], 5)[:90]
    assert (drawn[30, 70] == 200).all()  # the first cup
    assert not (drawn[75, 95] == 200).all()  # the second, still called so
    assert renderer.names[9] == 'cup 2'
    assert [item.id for item in renderer.graph.objects] == [9, 11]
    assert renderer.relations_at(5) == []


def test_captions_are_those_of_the_frame(graph, frames):
    renderer = OverlayRenderer(graph)
    said = [[r.predicate for r in renderer.relations_at(f)] for f in range(6)]
    # by hand from the spans, best score first
    assert said == [
        ['holding'],
        ['holding'],
        ['on'],
        ['on', 'next to'],
        ['holding', 'on', 'next to'],
        ['holding', 'next to'],
    ]
    strips = [renderer(frames[0], f)[renderer.size[1] :] for f in (0, 2)]
    assert renderer.num_lines == 3
    assert (strips[0] != strips[1]).any()


def test_a_frame_of_another_size_is_told(graph):
    with pytest.raises(InputError, match=r"'clip'.*frame 2.*\[90, 120, 3\]"):
        OverlayRenderer(graph)(np.zeros((90, 121, 3), np.uint8), 2)


def test_the_video_has_every_frame_at_the_right_rate_and_even_sides(
    graph, frames, tmp_path
):
    path = tmp_path / 'new' / 'overlay.mp4'
    write_overlay_video(path, graph, frames, fps=12.5)
    codec, rate, decoded = _decode(path)
    assert codec == ('h264' if 'libx264' in av.codecs_available else 'mpeg4')
    assert rate == 12.5
    assert len(decoded) == 6
    height, width = decoded[0].shape[:2]
    assert height % 2 == width % 2 == 0
    assert width >= 640
    renderer = OverlayRenderer(graph)
    for index, frame in enumerate(decoded):
        drawn = renderer(frames[index], index)[:height, :width]
        assert np.abs(frame[: len(drawn)].astype(int) - drawn).mean() < 4


def test_odd_sides_keep_their_content(tmp_path):
    frame = np.full((33, 35, 3), 200, np.uint8)
    write_video(tmp_path / 'odd.mp4', [frame] * 2, 5)
    _, _, decoded = _decode(tmp_path / 'odd.mp4')
    assert decoded[0].shape == (34, 36, 3)
    assert np.abs(decoded[0].astype(int) - 200).max() < 6


def test_a_failure_leaves_no_half_written_video(graph, frames, tmp_path):
    class Failing(list):
        def __getitem__(self, index):
            if index == 4:
                raise InputError('frame 4: is truncated')
            return super().__getitem__(index)

    path = tmp_path / 'overlay.mp4'
    with pytest.raises(InputError, match='truncated'):
        write_overlay_video(path, graph, Failing(frames))
    with pytest.raises(InputError, match=r'has 5 frames.*expects 6'):
        write_overlay_video(path, graph, frames[:5])
    assert list(tmp_path.iterdir()) == []


class _Frame(np.ndarray):
    """An array that a weak set can hold."""

    __hash__ = object.__hash__

    def __eq__(self, other):
        return self is other


def test_long_videos_are_never_whole_in_memory(tmp_path):
    class Reader:
        def __init__(self):
            self.alive = weakref.WeakSet()
            self.most = 0

        def __len__(self):
            return 60

        def __getitem__(self, index):
            frame = np.zeros((16, 16, 3), np.uint8).view(_Frame)
            self.alive.add(frame)
            self.most = max(self.most, len(self.alive))
            return frame

    reader = Reader()
    write_overlay_video(tmp_path / 'a.mp4', SceneGraph('v', 16, 16, 60), reader)
    assert 0 < reader.most <= 4


def test_a_video_is_written_under_any_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frames = [np.full((32, 48, 3), 50 * t, np.uint8) for t in range(3)]
    write_video('take 1: kitchen/a:b %d.mp4', frames, 10)
    _, rate, found = _decode(tmp_path / 'take 1: kitchen/a:b %d.mp4')
    assert (rate, len(found)) == (10, 3)
    (path,) = tmp_path.rglob('*.mp4')
    assert path.name == 'a:b %d.mp4'
