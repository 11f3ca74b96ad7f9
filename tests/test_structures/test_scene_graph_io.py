import json
from collections import Counter

import numpy as np
import pytest

from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneObject,
    load_ground_truth,
    load_scene_graphs,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError


def _graphs():
    tube = MaskTube.from_masks(
        {0: np.eye(3, dtype=bool), 2: ~np.eye(3, dtype=bool)}, 3, 3
    )
    objects = [
        SceneObject(7, 'adult', True, 0.5, tube, {0: (0.0, 1.0, 2.5, 3.0)}),
        SceneObject(1001, 'wall', False),
    ]
    relations = [
        Relation(7, 'leaning on', 1001, [(0, 1), (4, 4)], 0.25),
        Relation(1001, 'behind', 7, [(0, 4)]),
    ]
    return [
        SceneGraph('a', 3, 3, 5, objects, relations),
        SceneGraph('b "quoted"', 3, 3, 1),
    ]


def test_graphs_survive_the_file(tmp_path):
    save_scene_graphs(_graphs(), tmp_path / 'graphs.json')
    assert load_scene_graphs(tmp_path / 'graphs.json') == _graphs()
    content = json.loads((tmp_path / 'graphs.json').read_text())
    assert content['info'] == {'format': 'mmfourdpsg/scene-graph', 'version': 1}
    first = content['videos'][0]
    assert first['objects'][0]['tube'].keys() == {'0', '2'}
    assert first['relations'][0]['span'] == [[0, 1], [4, 4]]
    assert 'score' not in first['relations'][1]


def test_what_is_said_of_objects_and_relations_survives_the_file(tmp_path):
    objects = [
        SceneObject(1, 'cup', attributes=('red', 'full'), description='it waits'),
        SceneObject(2, 'tray'),
    ]
    relations = [Relation(1, 'on', 2, [(0, 1)], reason='they touch')]
    graphs = [SceneGraph('a', 3, 3, 5, objects, relations)]
    path = tmp_path / 'graphs.json'
    save_scene_graphs(graphs, path)
    assert load_scene_graphs(path) == graphs
    content = json.loads(path.read_text())
    assert content['info']['version'] == 1
    video = content['videos'][0]
    assert video['objects'][0]['attributes'] == ['red', 'full']
    assert video['objects'][0]['description'] == 'it waits'
    assert video['relations'][0]['reason'] == 'they touch'
    # Nothing is written where nothing is said.
    assert video['objects'][1].keys() == {'id', 'category', 'is_thing'}


@pytest.mark.parametrize(
    'kind, key, value, place',
    [
        ('objects', 'attributes', 'red', 'objects[0].attributes'),
        ('objects', 'attributes', ['red', 5], 'objects[0].attributes.1'),
        ('objects', 'description', ['red'], 'objects[0].description'),
        ('relations', 'reason', 5, 'relations[0].reason'),
        ('relations', 'reason', '\ud800', 'relations[0].reason'),
    ],
)
def test_what_is_said_has_to_be_text(tmp_path, kind, key, value, place):
    path = tmp_path / 'graphs.json'
    save_scene_graphs(_graphs(), path)
    content = json.loads(path.read_text())
    content['videos'][0][kind][0][key] = value
    path.write_text(json.dumps(content))
    with pytest.raises(InputError) as error:
        load_scene_graphs(path)
    assert f'videos[0].{place}: expected' in str(error.value)
    assert '\n' not in str(error.value)


def test_repeated_rows_of_a_prediction_survive_the_file(tmp_path):
    objects = [SceneObject(i, 'cup', score=0.5) for i in (1, 2)]
    rows = [
        Relation(1, 'on', 2, [(0, 1)], 0.9),
        Relation(2, 'under', 1, [(0, 4)], 0.6),
        Relation(1, 'on', 2, [(3, 4)], 0.3),
        Relation(1, 'on', 2, [(3, 4)], 0.3),
    ]
    path = tmp_path / 'graphs.json'
    save_scene_graphs([SceneGraph('a', 3, 3, 5, objects, rows)], path)
    assert load_scene_graphs(path)[0].relations == rows
    # An annotation lists each triplet once, whoever wrote the file.
    united = load_ground_truth(path)[0].relations
    assert [(row.predicate, row.span) for row in united] == [
        ('on', [(0, 1), (3, 4)]),
        ('under', [(0, 4)]),
    ]


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / 'graphs.json'
    save_scene_graphs(_graphs(), path)

    def broken():
        yield _graphs()[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        save_scene_graphs(broken(), path)
    assert load_scene_graphs(path) == _graphs()
    assert [p.name for p in tmp_path.iterdir()] == ['graphs.json']


def _at(*keys, value):
    def change(content):
        place = content
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return change


VIDEO = ('videos', 0)
OBJECT = (*VIDEO, 'objects', 0)
RELATION = (*VIDEO, 'relations', 0)


@pytest.mark.parametrize(
    ('change', 'says'),
    [
        (_at('info', 'version', value=2), 'info: expected format'),
        (_at('videos', value={}), 'top level.videos: expected list'),
        (_at(*VIDEO, 'height', value=True), r'videos\[0\].height: expected int'),
        (_at(*VIDEO, 'num_frames', value=-3), 'num_frames: expected at least 1'),
        (_at(*VIDEO, 'video_id', value='b "quoted"'), 'occurs twice'),
        (_at(*OBJECT, 'id', value='7'), r'objects\[0\].id: expected int'),
        (_at(*OBJECT, 'score', value='high'), r'score: expected float or int'),
        (_at(*OBJECT, 'tube', value=[]), r'tube: expected dict'),
        (_at(*OBJECT, 'tube', '0', 'size', value=[4, 3]), r'size \[4, 3\]'),
        (_at(*OBJECT, 'boxes', '0', value=[1, 2]), r'expected \[x1, y1, x2, y2\]'),
        (_at(*OBJECT, 'boxes', value={'x': [1, 2, 3, 4]}), 'frame numbers'),
        (_at(*OBJECT, 'score', value=10**400), 'finite'),
        (_at(*OBJECT, 'boxes', '0', value=[1, 2, 3, float('inf')]), 'finite'),
        (_at(*OBJECT, 'boxes', value={'9' * 5000: [1, 2, 3, 4]}), 'frame numbers'),
        (_at(*RELATION, 'subject', value=8), 'unknown subject 8'),
        (_at(*RELATION, 'span', value=[[3, 1]]), 'ends before it starts'),
        (_at(*RELATION, 'span', value=[[0, 1.5]]), 'pairs'),
        (_at(*RELATION, 'span', value=[]), 'empty span'),
        (_at(*RELATION, 'score', value=float('nan')), 'finite'),
    ],
)
def test_a_bad_file_is_one_line_with_name_and_place(tmp_path, change, says):
    path = tmp_path / 'bad.json'
    save_scene_graphs(_graphs(), path)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=f'bad.json: .*{says}') as caught:
        load_scene_graphs(path)
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('text', ['', '{"info"', '[1]', '[' * 100000, '\x00'])
def test_what_is_no_such_file_is_one_line(tmp_path, text):
    path = tmp_path / 'bad.json'
    path.write_text(text)
    with pytest.raises(InputError, match=r'bad\.json'):
        load_scene_graphs(path)
    with pytest.raises(InputError, match='cannot be read'):
        load_scene_graphs(tmp_path / 'none.json')


def test_a_dangling_relation_is_refused_or_counted(tmp_path):
    path = tmp_path / 'graphs.json'
    save_scene_graphs(_graphs(), path)
    content = json.loads(path.read_text())
    for subject, other in ((7, 5), (5, 1001)):
        row = dict(subject=subject, predicate='on', object=other, span=[[0, 1]])
        content['videos'][0]['relations'].insert(1, row)
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"graphs\.json: video 'a': .* unknown"):
        load_scene_graphs(path)
    left_out = Counter()
    assert load_scene_graphs(path, left_out) == _graphs()
    assert left_out['a'] == 2
    assert left_out['b'] == 0
