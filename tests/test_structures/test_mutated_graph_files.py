"""Damaged scene graph files: read and scored, or refused in one short line."""

import copy
import json
import random
import warnings
from collections import defaultdict

import numpy as np
import pytest

from mmfourdpsg.evaluation.functional import (
    evaluate_scene_graphs,
    evaluate_sgdet,
    panoptic_quality,
    part_scores,
    stage_recall,
)
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneObject,
    load_scene_graphs,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError

VALUES = (
    None, True, False, -1, 0, 1, 3, 10**5, 10**7, 10**10, 10**19, 10**400, -(10**30),
    0.5, 1e308, -1e308, float('nan'), float('inf'), '', ' ', 'a', '0', '-1', '9' * 12,
    'x' * 5000, '\ud800', '\u0663', 'caf\u00e9\n', [], {}, [[]], [0, 0], [5, 1],
    [1, 2, 3, 4], [1e308, 1, -1e308, 2], {'0': None}, [0] * 400,
)  # fmt: skip


def graphs():
    """Return two short videos with everything that the format has."""
    objects = []
    for number in range(3):
        masks = {frame: np.zeros((6, 8), bool) for frame in range(2)}
        for frame, mask in masks.items():
            mask[number : number + 3, frame : frame + 4] = True
        tube = MaskTube.from_masks(masks, 6, 8)
        boxes = tube.boxes() if number else None
        objects.append(SceneObject(number + 1, 'cup', True, 0.5, tube, boxes))
    relations = [
        Relation(1, 'on', 2, [(0, 0), (2, 3)], 0.5),
        Relation(3, 'beside', 1, [(1, 2)], 0.25),
    ]
    first = SceneGraph('a', 6, 8, 4, objects, relations)
    return [first, SceneGraph('b', 6, 8, 1)]


def places(value, path=()):
    """Yield the path of each value in a JSON tree."""
    yield path
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from places(value[key], (*path, key))


def parent(content, path):
    for key in path[:-1]:
        content = content[key]
    return content


def mutate(content, draw):
    """Change one value of a JSON tree, of each key as often as of any other."""
    by_key = defaultdict(list)
    for path in list(places(content))[1:]:
        by_key['' if isinstance(path[-1], int) else path[-1]].append(path)
    if not by_key:
        return
    path = draw.choice(by_key[draw.choice(sorted(by_key))])
    above, key = parent(content, path), path[-1]
    value = above[key]
    kind = draw.randrange(5) if draw.random() < 0.5 else None
    if kind is None:
        # Gently, so that many files are read and scored.
        if type(value) in (int, float):
            above[key] += draw.choice([-1, 1, 2, 1000])
        elif isinstance(value, list):
            value.append(copy.deepcopy(draw.choice(value))) if value else None
            draw.shuffle(value)
        elif isinstance(value, dict) and key in ('tube', 'boxes'):
            above[key] = draw.choice([None, {}, {'1': value.get('0')}])
        elif isinstance(value, str):
            above[key] = draw.choice(['cup', ' On\n', '0', 'caf\u00e9', 'x' * 5000])
    elif kind == 0:
        del above[key]
    elif kind == 1 and isinstance(above, list):
        above.insert(draw.randrange(len(above) + 1), copy.deepcopy(above[key]))
    elif kind == 2:
        # Another part of the file.
        other = draw.choice(list(places(content))[1:])
        above[key] = copy.deepcopy(parent(content, other)[other[-1]])
    elif kind == 3 and isinstance(above, dict):
        above[draw.choice(['0', '7', 'id', 'x', '00'])] = above.pop(key)
    else:
        above[key] = copy.deepcopy(draw.choice(VALUES))


def mutate_text(text, draw):
    """Change, insert, drop or cut bytes."""
    place = draw.randrange(len(text))
    kind = draw.randrange(4)
    if kind == 0:
        return text[:place]
    if kind == 1:
        return text[:place] + text[place + draw.randrange(1, 30) :]
    new = draw.choice([b'9', b'-', b'"', b'{', b'[', b']', b'}', b',', b'\xff', b'\0'])
    if kind == 2:
        new *= draw.choice([1, 2, 30, 2000])
    return text[:place] + new + text[place + (kind == 3) :]


def mutated(text, draw):
    if draw.random() < 0.25:
        return mutate_text(text, draw)
    content = json.loads(text)
    for _ in range(draw.choice([1, 1, 2, 3])):
        mutate(content, draw)
    return json.dumps(content).encode()


def score(wanted, found):
    """Ask for all that eval_scene_graphs.py tells."""
    for protocol in ('strict', 'openpvsg'):
        evaluate_scene_graphs(wanted, found, (2,), protocol)
    for region, constraint in (('mask', 'pair'), ('box', 'none')):
        evaluate_sgdet(wanted, found, (2,), region, constraint)
    part_scores(wanted, found)
    stage_recall(wanted, found, 2)
    panoptic_quality(wanted, found)


def check(count, seed, tmp_path):
    """Return how many of some mutated files were scored, and how many refused."""
    path, good = tmp_path / 'graphs.json', graphs()
    save_scene_graphs(good, path)
    text = path.read_bytes()
    draw = random.Random(seed)
    scored = refused = 0
    for _ in range(count):
        path.write_bytes(mutated(text, draw))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter('ignore', UserWarning)
                found = load_scene_graphs(path)
                for pair in ((good, found), (found, found)):
                    score(*pair)
            scored += 1
        except InputError as error:
            refused += 1
            line = f'error: {error}'
            assert len(line) <= 600 and '\n' not in line
            line.encode()
        except Exception as error:
            kept = tmp_path / 'kept.json'
            kept.write_bytes(path.read_bytes())
            raise AssertionError(f'{kept}: {error!r}') from error
    return scored, refused


def test_mutated_graph_files_are_scored_or_refused_in_one_short_line(tmp_path):
    scored, refused = check(1500, 0, tmp_path)
    assert scored > 100 and refused > 1000


@pytest.mark.slow
@pytest.mark.parametrize('seed', range(1, 9))
def test_many_mutated_graph_files_are_scored_or_refused(tmp_path, seed):
    scored, refused = check(8000, seed, tmp_path)
    assert scored > 500 and refused > 4000


@pytest.mark.parametrize(
    'video, says',
    [
        (dict(num_frames=10**12), 'num_frames: expected at most 1000000'),
        (dict(height=10**9, width=10**9), 'less than 2147483648 pixels'),
        (dict(video_id='\ud800'), 'video_id: expected text'),
        (dict(video_id='x' * 9999, height=0), 'height: expected at least 1'),
    ],
)
def test_absurd_sizes_are_refused(tmp_path, video, says):
    path = tmp_path / 'graphs.json'
    save_scene_graphs(graphs()[:1], path)
    content = json.loads(path.read_bytes())
    content['videos'][0].update(video)
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=says):
        load_scene_graphs(path)


def test_what_lies_between_two_masks_costs_nothing(tmp_path):
    first = graphs()[0]
    tube = MaskTube(6, 8, {0: first.objects[0].tube.rles[0]})
    far = MaskTube(6, 8, {999_999: first.objects[0].tube.rles[0]})
    objects = [SceneObject(1, 'cup', tube=tube), SceneObject(2, 'cup', tube=far)]
    graph = SceneGraph('a', 6, 8, 1_000_000, objects)
    scores = panoptic_quality([graph], [graph])
    assert scores['VPQ'] == scores['STQ'] == 100.0
