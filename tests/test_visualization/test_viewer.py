import base64
import json
import re

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject
from mmfourdpsg.utils import InputError
from mmfourdpsg.visualization import write_viewer


def _content(path):
    text = path.read_text(encoding='utf-8')
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', text)
    return json.loads(match[1])


def test_the_page_holds_frames_masks_and_relations(graph, frames, masks, tmp_path):
    page = tmp_path / 'viewer.html'
    write_viewer(page, graph, frames, fps=5)
    content = _content(page)
    assert content['shown'] == [0, 1, 2, 3, 4, 5]
    for index, address in enumerate(content['frames']):
        kind, data = address.split(',')
        assert kind == 'data:image/jpeg;base64'
        image = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), 1)
        assert np.abs(image.astype(int) - frames[index]).max() < 4
    ring = content['objects'][2]
    assert ring['name'] == 'cup 2'
    assert list(ring['masks']) == ['3', '4', '5']
    rle = dict(size=[90, 120], counts=ring['masks']['4'])
    assert (coco_mask.decode(rle) == masks[9][4]).all()
    assert content['objects'][3]['boxes'] == {'1': [4, 70, 60, 88]}
    assert content['relations'][0] == dict(
        subject=0,
        predicate='holding',
        object=1,
        span=[[0, 1], [4, 5]],
        score=0.9,
        reason='',
    )


def test_the_page_asks_no_other_file_or_host(graph, frames, tmp_path):
    page = tmp_path / 'viewer.html'
    write_viewer(page, graph, frames)
    text = page.read_text(encoding='utf-8')
    assert "default-src 'none'" in text
    addresses = re.findall(r'(?:https?:)?//[a-z0-9.-]+\.[a-z]+', text)
    assert set(addresses) <= {'http://www.w3.org'}  # the name of SVG, never fetched
    assert not re.findall(r'(?:src|href)="(?!data:)', text)


def test_long_and_large_videos_are_thinned_and_shrunk(tmp_path):
    mask = np.zeros((600, 1000), bool)
    mask[100:300, 200:700] = True
    tube = MaskTube.from_masks(dict.fromkeys(range(50), mask), 600, 1000)
    graph = SceneGraph('long', 600, 1000, 50, [SceneObject(1, 'book', tube=tube)])
    read = []

    class Reader:
        def __len__(self):
            return 50

        def __getitem__(self, index):
            read.append(index)
            return np.zeros((600, 1000, 3), np.uint8)

    page = tmp_path / 'viewer.html'
    write_viewer(page, graph, Reader(), max_frames=8, max_side=500)
    content = _content(page)
    assert content['shown'] == read == [0, 7, 14, 21, 28, 35, 42, 49]
    assert (content['width'], content['height']) == (500, 300)
    rle = dict(size=[300, 500], counts=content['objects'][0]['masks']['3'])
    small = np.zeros((300, 500), bool)
    small[50:150, 100:350] = True
    assert (coco_mask.decode(rle) == small).all()
    assert content['objects'][0]['num_visible'] == 50


def test_wrong_frames_are_told_and_no_page_is_written(graph, frames, tmp_path):
    page = tmp_path / 'viewer.html'
    with pytest.raises(InputError, match=r"'clip'.*7 frames.*expects 6"):
        write_viewer(page, graph, [*frames, frames[0]])
    with pytest.raises(InputError, match='frame 3'):
        write_viewer(page, graph, [*frames[:3], frames[0][:50], *frames[:2]])
    assert list(tmp_path.iterdir()) == []


def test_spans_beyond_the_video_are_clipped(frames, tmp_path):
    objects = [SceneObject(1, 'cup'), SceneObject(2, 'book')]
    graph = SceneGraph(
        'v',
        90,
        120,
        6,
        objects,
        [Relation(1, 'on', 2, [(4, 5)]), Relation(2, 'by', 1, [(0, 2)])],
    )
    graph.relations[0].span = [(4, 9)]
    write_viewer(tmp_path / 'v.html', graph, frames)
    assert _content(tmp_path / 'v.html')['relations'][0]['span'] == [[4, 5]]
