from dataclasses import replace

import pytest

from mmfourdpsg.simulation.edition import CLUTTER, TABLETOP
from mmfourdpsg.simulation.plan import LAYOUTS, WorldPlan
from mmfourdpsg.simulation.settings import SimulationSettings
from mmfourdpsg.utils import InputError


def test_ids_count_and_seeds_of_splits_are_a_million_apart():
    assert WorldPlan(2, 1, 0, seed=3).videos('psg4d_gta') == dict(
        train=[('train_0000', 30_000_000), ('train_0001', 30_000_001)],
        val=[('test_0000', 31_000_000)],
        unseen=[],
    )


def test_images_have_the_splits_with_videos_and_seeds_of_their_own():
    assert WorldPlan(0, 1, 4).videos('psg') == dict(val=[('test_0000', 4_500_000)])


def test_splits_and_videos_of_the_first_edition_have_names_of_their_own():
    plan = WorldPlan(1, 0, 1, edition=CLUTTER)
    assert plan.videos('psg4d_gta') == dict(
        train_clutter=[('train_clutter_0000', 0)],
        val_clutter=[],
        unseen_clutter=[('unseen_clutter_0000', 2_000_000)],
    )
    # Other layouts have splits of their own names.
    assert plan.videos('vg') == dict(train=[('train_clutter_0000', 5_000_000)])


def test_no_seed_is_used_twice():
    plan = WorldPlan(499_999, 2, 999_999 // 2, layouts=LAYOUTS)
    seeds = [
        rows[place][1]
        for layout in LAYOUTS
        for rows in plan.videos(layout).values()
        for place in (0, -1)
    ]
    assert len(seeds) == len(set(seeds)) == 2 * (3 + 5 * 2)


def test_videos_are_told_apart_by_what_they_depend_on():
    plan = WorldPlan(1, 1, 1)
    wide = replace(TABLETOP, settings=SimulationSettings(width=200))
    clutter = WorldPlan(1, 1, 1, edition=CLUTTER)
    # Written in the record of each video that was ever made: it may not change.
    assert clutter.fingerprint()[:12] == 'b1473dc207ad'
    assert clutter.fingerprint() != plan.fingerprint()
    assert WorldPlan(9, 9, 9, seed=5).fingerprint() == plan.fingerprint()
    assert WorldPlan(1, 1, 1, held_out=True).fingerprint() != plan.fingerprint()
    assert WorldPlan(1, 1, 1, edition=wide).fingerprint() != plan.fingerprint()


@pytest.mark.parametrize(
    ('numbers', 'options', 'says'),
    [
        ((500_000, 1, 0), dict(layouts=('psg4d_gta', 'vg')), 'below 500000 for vg'),
        ((1, 1, 1), dict(num_images=0), '--images is 0, expected 1 or more'),
        ((1, 1, 1), dict(seed=-2), '--seed is -2, expected 0 or more'),
        ((0, 0, 0), {}, 'one of them above 0'),
    ],
)
def test_a_world_that_cannot_be_is_refused(numbers, options, says):
    with pytest.raises(InputError, match=says):
        WorldPlan(*numbers, **options)
