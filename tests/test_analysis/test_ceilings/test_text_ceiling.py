import numpy as np
import pytest

from mmfourdpsg.analysis.ceilings import (
    ceiling_table,
    object_names,
    score_ceiling,
    shown_graph,
    text_ceilings,
    with_true_tubes,
)
from mmfourdpsg.models.text_formats import DirectTextFormat, ParsedRelation
from mmfourdpsg.structures import (
    MaskTube,
    Relation,
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
)

FRAMES = 12


def _tube(column, frames=range(FRAMES)):
    mask = np.zeros((1, 4), bool)
    mask[0, column] = True
    return MaskTube.from_masks(dict.fromkeys(frames, mask), 1, 4)


def _graph(relations, categories=('cup', 'table', 'cup')):
    objects = [
        SceneObject(10 + i, name, tube=_tube(i)) for i, name in enumerate(categories)
    ]
    return SceneGraph('v', 1, 4, FRAMES, objects, relations)


TRUTH = _graph(
    [
        Relation(10, 'on', 11, [(0, 11)]),
        # Between the frames that are seen.
        Relation(12, 'hitting', 10, [(3, 3)]),
        Relation(12, 'on', 11, [(1, 6)]),
    ]
)
SEEN = [1, 4, 7, 10]


def test_a_relation_holds_where_the_nearest_seen_frame_has_it():
    tubes = {item.id: item.tube for item in TRUTH.objects}
    found = shown_graph(TRUTH, SEEN, tubes)
    # 1 and 4 of the third stand for 0 to 5; 3 is nearer to 4, where nothing is hit.
    assert [(row.predicate, row.span) for row in found.relations] == [
        ('on', [(0, 11)]),
        ('on', [(0, 5)]),
    ]
    assert [item.id for item in found.objects] == [10, 11, 12]
    # What no seen frame shows cannot be told of.
    hidden = shown_graph(TRUTH, SEEN, {**tubes, 12: _tube(2, [2, 3])})
    assert [item.id for item in hidden.objects] == [10, 11]
    assert len(hidden.relations) == 1
    # Where all frames are seen, all is.
    whole = shown_graph(TRUTH, range(FRAMES), tubes)
    assert whole.relations == TRUTH.relations


def test_the_second_cup_of_a_text_is_the_second_one_of_the_annotated_text():
    turns = DirectTextFormat(objects_first=True).format(TRUTH).turns
    names = object_names(TRUTH, turns)
    assert names == {('cup', 1): 10, ('table', 1): 11, ('cup', 2): 12}
    rows = [ParsedRelation(1, 'on', 0, [(1, 6)], [])]
    graph = with_true_tubes(['table', 'cup', 'cup', 'cup'], rows, names, TRUTH)
    assert [item.tube for item in graph.objects] == [
        TRUTH.object_by_id(11).tube,
        TRUTH.object_by_id(10).tube,
        TRUTH.object_by_id(12).tube,
        # There is no third one.
        None,
    ]
    assert graph.relations == [Relation(1, 'on', 0, [(1, 6)], 1.0)]


@pytest.fixture(scope='module')
def rows():
    """Scores of each ceiling, by name, for a grid of times and a length of answers."""

    def rows(**options):
        sample = SceneGraphDataSample(
            metainfo=dict(video_id='v', num_frames=FRAMES, frame_indices=SEEN, fps=5.0)
        )
        sample.gt_scene_graph = TRUTH
        text_format = dict(type='DirectTextFormat', objects_first=True, decimals=2)
        head = dict(
            language_model=dict(
                type='CausalLanguageModel',
                name_or_path='checkpoints/tabletop/tiny_llama',
            ),
            text_format=dict(text_format, decimals=options.pop('decimals', 2)),
            **options,
        )
        found = text_ceilings(head, [sample], [TRUTH])
        return {
            row.name: (score_ceiling([TRUTH], row.predictions), row) for row in found
        }

    return rows


def test_text_keeps_everything_but_what_no_frame_shows(rows):
    found = rows(direct_text_format=dict(type='ChainedTextFormat'))
    scores = {name: row for name, (row, _) in found.items()}
    recalls = {name: row.recall.metrics['R@20'] for name, row in scores.items()}
    seen = pytest.approx(100 * 2 / 3)
    assert recalls == {
        'direct, all frames': 100,
        'direct, 4 frames': seen,
        'chained, all frames': 100,
        'chained, 4 frames': seen,
    }
    table = ceiling_table(scores)
    first, second = table.splitlines()[1:3]
    # Recalls, predicates and times, and predicates of which some are found.
    assert first.split()[3:] == [*['100.00'] * 5, '0.00', '0.00', '2', 'of', '2']
    assert second.split()[-3:] == ['1', 'of', '2']


def test_coarse_times_and_short_answers_are_told(rows):
    coarse, _ = rows(decimals=1)['direct, all frames']
    # Frame 3 is written 0.2 0.3 and read as frames 2 and 3; 1 to 6 as 0.1 to 0.6.
    assert coarse.relations.by_predicate['hitting'].begin_errors == [1]
    assert coarse.relations.by_predicate['hitting'].spans_fit == 1
    short, row = rows(max_answer_tokens=40)['direct, all frames']
    assert row.num_cut == 1
    assert short.recall.metrics['R@20'] < 100
