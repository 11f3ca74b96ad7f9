import numpy as np
import pytest

from mmfourdpsg.analysis.results.tables import study_table
from mmfourdpsg.analysis.studies.scored_files import ScoredFiles
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneObject,
    load_scene_graphs,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError


def square(x):
    """A tube of one frame of 4 x 8 pixels: two columns from ``x`` on."""
    mask = np.zeros((4, 8), bool)
    mask[:, x : x + 2] = True
    return MaskTube.from_masks({0: mask}, 4, 8)


@pytest.fixture
def write(tmp_path):
    def write(name, predicate, video_id='v'):
        objects = [
            SceneObject(i, category, score=0.5, tube=square(3 * i))
            for i, category in enumerate(('cup', 'table'))
        ]
        row = Relation(0, predicate, 1, [(0, 0)], 0.5)
        path = tmp_path / f'{name}.json'
        save_scene_graphs([SceneGraph(video_id, 4, 8, 1, objects, [row])], path)
        return str(path)

    return write


def test_stages_and_unseen_labels_are_scored(write):
    study = dict(ground_truth=write('gt', 'on'), train=write('train', 'in'))
    record = ScoredFiles(study).score(write('pred', 'in'))
    metrics = record['metrics']
    assert metrics['R@20'] == 0
    assert metrics['objects R@20'] == metrics['pairs R@20'] == 100
    assert metrics['triplets R@20'] == metrics['quintuples R@20'] == 0
    assert metrics['seen objects R@20'] == 100
    assert metrics['unseen predicates R@20'] == 0
    # No predicate of the ground truth was seen.
    assert metrics['seen predicates R@20'] is None
    assert (record['objects'], record['relations']) == (2, 1)
    assert study_table('stages', {'mine': [record]}).splitlines()[-1] == (
        '| mine | 100.00 | 100.00 | 0.00 | 0.00 |'
    )
    assert study_table('unseen', {'mine': [record]}).splitlines()[-1] == (
        '| mine | 100.00 | - | - | 0.00 |'
    )


def test_without_training_graphs_there_is_no_seen_and_unseen(write):
    record = ScoredFiles(dict(ground_truth=write('gt', 'on'))).score(write('p', 'on'))
    assert record['metrics']['quintuples R@20'] == 100
    assert record['hits'] == dict(v=dict(on=[1, 1]))
    assert not any('seen' in key for key in record['metrics'])


@pytest.fixture
def with_unseen(write):
    return dict(
        ground_truth=write('gt', 'on'),
        train=write('train', 'on'),
        unseen=write('unseen', 'spinning on', 'u'),
        label_groups=dict(head=2, body=1, tail=0),
    )


def test_videos_with_unseen_labels_are_scored_apart(with_unseen, write, tmp_path):
    files = ScoredFiles(with_unseen)
    paths = [write('p', 'on'), write('q', 'spinning on', 'u')]
    alone = files.score(paths[0])
    assert alone['metrics']['seen objects R@20'] is None
    both = tmp_path / 'both.json'
    save_scene_graphs([load_scene_graphs(path)[0] for path in paths], both)
    record = files.score(both)
    metrics = record['metrics']
    assert metrics['unseen predicates R@20'] == metrics['seen objects R@50'] == 100
    # All predicates of these videos are unseen, and none of their objects.
    assert metrics['seen predicates R@20'] is metrics['unseen objects R@20'] is None
    same = ('R@20', 'quintuples R@20', 'VPQ', 'STQ', 'body predicates accuracy')
    assert [metrics[key] for key in same] == [100] * len(same)
    assert [alone['metrics'][key] for key in same] == [100] * len(same)
    assert metrics['head objects accuracy'] is None
    assert record['hits'] == alone['hits'] == dict(v=dict(on=[1, 1]))
    assert set(files.digests()) == {'ground_truth', 'train', 'unseen'}
    with pytest.raises(InputError, match="not in the ground truth, the first is 'x'"):
        files.score(write('r', 'on', 'x'))


@pytest.mark.parametrize('key', ['unseen', 'label_groups'])
def test_seen_and_frequent_are_by_what_was_trained_on(with_unseen, key):
    study = {name: with_unseen[name] for name in ('ground_truth', key)}
    with pytest.raises(InputError, match='without train'):
        ScoredFiles(study)


def test_files_are_checked_once(with_unseen, tmp_path):
    files = ScoredFiles(with_unseen)
    (tmp_path / 'unseen.json').rename(tmp_path / 'elsewhere.json')
    for _ in range(2):
        with pytest.raises(InputError, match=r'unseen\.json: cannot be read'):
            files.check()
    (tmp_path / 'elsewhere.json').rename(tmp_path / 'unseen.json')
    files.check()
    (tmp_path / 'gt.json').unlink()
    files.check()
