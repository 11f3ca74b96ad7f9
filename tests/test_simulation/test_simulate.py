import hashlib
from dataclasses import replace

import numpy as np
import pytest

from mmfourdpsg.simulation import (
    CATEGORIES,
    PREDICATES,
    UNSEEN_CATEGORIES,
    UNSEEN_PREDICATES,
)
from mmfourdpsg.simulation.edition import CLUTTER, TABLETOP
from mmfourdpsg.simulation.relation_rules import derive_relations
from mmfourdpsg.simulation.scenarios import Director
from mmfourdpsg.simulation.scenarios.close_up.falling import drop
from mmfourdpsg.simulation.settings import SimulationSettings
from mmfourdpsg.simulation.simulate import STATIC, simulate_video
from mmfourdpsg.simulation.world import World

pytest.importorskip('pybullet', reason='the simulated world needs the extra "sim"')

SEEDS = (11, 12, 13)


def words(recording):
    graph = recording.scene_graph
    return (
        {item.category for item in graph.objects},
        {relation.predicate for relation in graph.relations},
    )


def test_the_vocabulary_has_20_categories_and_12_predicates_at_least():
    assert len(set(CATEGORIES)) == len(CATEGORIES) >= 20
    assert len(set(PREDICATES)) == len(PREDICATES) >= 12


@pytest.mark.parametrize('seed', SEEDS)
def test_tubes_ids_sizes_and_depth_of_a_recording_agree(simulate, seed):
    recording, sizes = simulate(seed), SimulationSettings()
    graph = recording.scene_graph
    shape = (sizes.num_frames, sizes.height, sizes.width)
    assert recording.rgb.shape == (*shape, 3)
    assert recording.depth.shape == recording.instance_ids.shape == shape
    assert (graph.num_frames, graph.height, graph.width) == shape
    assert (recording.fps, recording.seed) == (sizes.fps, seed)
    # Tubes and ids are two views of the same masks.
    assert set(np.unique(recording.instance_ids)) <= {0, *(o.id for o in graph.objects)}
    for item in graph.objects:
        for frame in range(graph.num_frames):
            expected = recording.instance_ids[frame] == item.id
            assert (item.tube.decode(frame) == expected).all()
        assert (item.id > 1000) == (not item.is_thing)
        assert item.is_thing == (item.category not in ('table', 'floor', 'wall'))
    # What is seen lies between the near and the far plane.
    seen = recording.depth[recording.instance_ids > 0]
    assert sizes.near < seen.min() < seen.max() < sizes.far


@pytest.mark.parametrize('seed', SEEDS)
def test_relations_hold_where_both_are_visible(simulate, seed):
    graph = simulate(seed).scene_graph
    assert {relation.predicate for relation in graph.relations} - STATIC
    for relation in graph.relations:
        pixels = [
            {f: m.sum() for f, m in ((f, tube.decode(f)) for f in tube.frames)}
            for tube in (
                graph.object_by_id(relation.subject).tube,
                graph.object_by_id(relation.object).tube,
            )
        ]
        for start, end in relation.span:
            assert 0 <= start <= end < graph.num_frames
            for frame in range(start, end + 1):
                assert all(count.get(frame, 0) >= 16 for count in pixels)


@pytest.mark.parametrize('seed', SEEDS)
def test_held_out_words_never_occur_in_seen_videos(simulate, seed):
    categories, predicates = words(simulate(seed))
    assert categories <= set(CATEGORIES) - set(UNSEEN_CATEGORIES)
    assert predicates <= set(PREDICATES) - set(UNSEEN_PREDICATES)


def test_held_out_words_occur_in_unseen_videos(simulate):
    categories, predicates = words(simulate(21, unseen=True))
    assert categories & set(UNSEEN_CATEGORIES) or predicates & set(UNSEEN_PREDICATES)
    assert categories <= set(CATEGORIES)
    assert predicates <= set(PREDICATES)


def test_another_seed_is_another_video(simulate):
    first, second = simulate(SEEDS[0]), simulate(SEEDS[1])
    assert not np.array_equal(first.rgb, second.rgb)
    assert not np.array_equal(first.instance_ids, second.instance_ids)


@pytest.mark.parametrize(
    'seed, unseen, ids, relations',
    [
        (11, False, 'c3ff2aa76740', '405a9e77069b'),
        (21, True, '2b155bc20b52', '08053de8e040'),
    ],
)
def test_the_first_edition_stays_as_it_was(simulate, seed, unseen, ids, relations):
    recording = simulate(seed, unseen, CLUTTER)
    rows = [
        (row.subject, row.predicate, row.object, row.span)
        for row in recording.scene_graph.relations
    ]
    found = [recording.instance_ids.tobytes(), repr(rows).encode()]
    digests = [hashlib.sha256(part).hexdigest()[:12] for part in found]
    assert digests == [ids, relations]


def test_editions_share_no_random_stream(simulate):
    first, second = simulate(SEEDS[0]), simulate(SEEDS[0], edition=CLUTTER)
    assert not np.array_equal(first.rgb, second.rgb)


def test_most_drop_scenes_show_the_fall():
    # A quarter of the pixels, to be quick.
    sizes, falls = SimulationSettings(width=96, height=72), 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        world = World(sizes, rng, TABLETOP.stage)
        try:
            drop(Director(world, rng))
            world.settle(0.4)
            trajectory = world.record()[3]
        finally:
            world.close()
        names = {relation[1] for relation in derive_relations(trajectory)}
        falls += bool(names & {'falling onto', 'falling into'})
    assert falls >= 4


def test_simulation_ends_with_an_error_when_no_attempt_is_good():
    sizes = SimulationSettings(width=32, height=24, num_frames=2, max_relations=0)
    edition = replace(TABLETOP, settings=sizes)
    with pytest.raises(RuntimeError, match='seed 5: none of 2 samples'):
        simulate_video('v', 5, edition=edition, max_attempts=2)
