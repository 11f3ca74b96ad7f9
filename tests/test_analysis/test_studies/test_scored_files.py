import numpy as np
import pytest

from mmfourdpsg.analysis.results.tables import study_table
from mmfourdpsg.analysis.studies.scored_files import ScoredFiles
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneObject,
    save_scene_graphs,
)


def square(x):
    """A tube of one frame of 4 x 8 pixels: two columns from ``x`` on."""
    mask = np.zeros((4, 8), bool)
    mask[:, x : x + 2] = True
    return MaskTube.from_masks({0: mask}, 4, 8)


@pytest.fixture
def write(tmp_path):
    def write(name, predicate):
        objects = [
            SceneObject(i, category, score=0.5, tube=square(3 * i))
            for i, category in enumerate(('cup', 'table'))
        ]
        row = Relation(0, predicate, 1, [(0, 0)], 0.5)
        path = tmp_path / f'{name}.json'
        save_scene_graphs([SceneGraph('v', 4, 8, 1, objects, [row])], path)
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
