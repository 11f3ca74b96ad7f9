"""The rules of the second edition: what nobody could say is not annotated."""

import pytest
from hand_made_trajectory import LEFT, HandMade

from mmfourdpsg.simulation.relation_rules import RULES

NUM_FRAMES = 12
WHOLE = [(0, NUM_FRAMES - 1)]


def on_table(*categories):
    """Things that stand on a table, which is body 0."""
    trajectory = HandMade('table', *categories, num_frames=NUM_FRAMES)
    for body in range(1, len(categories) + 1):
        trajectory.touch(body, 0)
    return trajectory


def side_by_side(gap, depths=(1.0, 1.0)):
    """Two cubes of 50 columns each, with a gap in columns."""
    trajectory = on_table('cube', 'cube')
    for body, left in ((1, 0), (2, 50 + gap)):
        trajectory.image_box[:, body] = (left, 0, left + 50, 50)
        trajectory.depth[:, body] = depths[body - 1]
    return trajectory


def test_what_rests_on_the_table_all_along_goes_without_saying():
    assert on_table('cube').derive(RULES) == {}


@pytest.mark.parametrize('motion', [(0.2, 0, 0), (0, 0, 0)])
def test_on_begins_with_the_landing_and_holds_while_a_thing_moves(motion):
    trajectory = HandMade('table', 'cube', num_frames=NUM_FRAMES)
    trajectory.touch(1, 0, frames=range(5, NUM_FRAMES))
    trajectory.velocity[:5, 1] = (0, 0, -0.5)
    trajectory.velocity[5:8, 1] = motion
    assert trajectory.spans('on', RULES) == {(1, 0): [(5, NUM_FRAMES - 1)]}
    assert trajectory.spans('falling onto', RULES) == {(1, 0): [(0, 4)]}


@pytest.mark.parametrize(
    'gap, predicate',
    [
        (0, 'next to'),
        (5, 'next to'),
        (10, None),
        (20, 'to the left of'),
        (44, 'to the left of'),
        (50, None),
        # One hides a part of the other.
        (-10, None),
    ],
)
def test_neighbours_are_told_by_the_gap_in_the_image(gap, predicate):
    expected = {(1, predicate, 2): WHOLE} if predicate else {}
    assert side_by_side(gap).derive(RULES) == expected


def test_neighbours_stand_at_the_same_distance():
    assert side_by_side(5, (1.0, 1.05)).derive(RULES) == {}


def test_a_neighbourhood_ends_with_a_motion_not_at_a_distance():
    # The camera moves: the gap passes the threshold, and comes back.
    trajectory = side_by_side(5)
    trajectory.image_box[4:6, 2, ::2] += 5
    assert trajectory.derive(RULES) == {}
    trajectory = side_by_side(5)
    trajectory.velocity[7:, 2] = (0, 0.2, 0)
    trajectory.image_box[7:, 2, ::2] += 5
    assert trajectory.spans('next to', RULES) == {(1, 2): [(0, 6)]}


def test_nothing_is_left_of_what_is_beyond_another():
    trajectory = on_table('cube', 'can', 'cube')
    for body, left in ((1, 0), (2, 55), (3, 95)):
        trajectory.image_box[:, body] = (left, 0, left + 50, 50)
    trajectory.image_box[:, 2, 2] = 85
    # Next to the can on either side, but 45 columns from each other.
    assert not trajectory.spans('to the left of', RULES)


@pytest.mark.parametrize(
    'change, holds',
    [
        ({}, True),
        (dict(behind=0.05), False),
        (dict(behind=0.25), False),
        (dict(shift=25), False),
        (dict(lower=-5), False),
    ],
)
def test_in_front_is_nearer_lower_and_in_the_same_columns(change, holds):
    behind, shift, lower = (
        change.get(key, value)
        for key, value in dict(behind=0.1, shift=10, lower=20).items()
    )
    trajectory = side_by_side(0, (1.0, 1.0 + behind))
    trajectory.image_box[:, 1] = (0, lower, 50, 50 + lower)
    trajectory.image_box[:, 2] = (shift, 0, 50 + shift, 50)
    expected = {(1, 'in front of', 2): WHOLE} if holds else {}
    assert trajectory.derive(RULES) == expected


def sliding(*speeds):
    """A cube that moves with a speed in m/s in each frame, on a table."""
    trajectory = on_table('cube')
    for frame, speed in enumerate(speeds):
        trajectory.velocity[frame:, 1] = (speed, 0, 0)
        trajectory.position[frame + 1 :, 1, 0] += speed / 12
    return trajectory.spans('sliding on', RULES)


def test_a_span_does_not_flicker_where_nobody_could_say():
    fast, slow, doubtful = 0.2, 0.0, 0.03
    # Doubt between two clear frames is part of it, doubt at its ends is not.
    spell = [doubtful, fast, fast, *[doubtful] * 3, fast, doubtful, slow]
    assert sliding(*spell) == {(1, 0): [(1, 6)]}
    assert sliding(*[doubtful] * 9, slow) == {}


def test_what_gets_nowhere_does_not_slide():
    assert sliding(0.05, 0.05, 0.05, 0.05, 0.0) == {}


def test_what_tumbles_does_not_slide():
    trajectory = on_table('cube')
    trajectory.velocity[:6, 1] = (0.2, 0, 0)
    trajectory.position[:, 1, 0] += [0.2 * min(f, 6) / 12 for f in range(NUM_FRAMES)]
    assert trajectory.spans('sliding on', RULES)
    trajectory.spin[:6, 1] = (0, 1.0, 0)
    assert not trajectory.spans('sliding on', RULES)


@pytest.mark.parametrize('bottom, holds', [(0.02, True), (0.07, False), (0.095, False)])
def test_in_needs_a_third_of_the_container_below_the_rim(bottom, holds):
    trajectory = HandMade('table', 'bowl', 'ball', num_frames=NUM_FRAMES)
    trajectory.place(1, (0, 0, 0.05), (0.2, 0.2, 0.1))
    trajectory.place(2, (0, 0, bottom + 0.02), (0.04, 0.04, 0.04))
    trajectory.touch(1, 0)
    trajectory.touch(2, 1)
    found = trajectory.derive(RULES)
    assert ((2, 'in', 1) in found) == holds
    # On the rim it is on the bowl; between, nobody could say.
    assert ((2, 'stacked on', 1) in found) == (bottom > 0.09)


def test_what_stands_on_the_table_is_stacked_on_nothing():
    trajectory = on_table('toy robot', 'mug')
    trajectory.touch(1, 2)
    assert not trajectory.spans('stacked on', RULES)


def test_a_hit_lasts_three_frames_and_needs_one_that_is_faster():
    trajectory = HandMade('table', 'ball', 'cube', num_frames=NUM_FRAMES)
    trajectory.velocity[:5, 1] = (0.5, 0, 0)
    trajectory.touch(1, 2, LEFT, range(5, NUM_FRAMES), approach_speed=0.4)
    assert trajectory.spans('hitting', RULES) == {(1, 2): [(4, 6)]}
    trajectory.velocity[:5, 2] = (-0.4, 0, 0)
    assert not trajectory.spans('hitting', RULES)


@pytest.mark.parametrize('frames, below', [((4, 6), 0), ((4, 12), 1)])
def test_what_is_brushed_in_passing_is_not_fallen_onto(frames, below):
    trajectory = HandMade('table', 'cube', 'ball', num_frames=NUM_FRAMES)
    trajectory.velocity[:4, 2] = (0, 0, -0.5)
    trajectory.touch(2, 1, (0.6, 0, 0.8), range(*frames))
    trajectory.touch(2, 0, frames=range(7, NUM_FRAMES))
    assert trajectory.spans('falling onto', RULES) == {(2, below): [(0, 3)]}


def test_a_fall_past_the_rim_is_into_the_container():
    trajectory = HandMade('table', 'bowl', 'ball', num_frames=NUM_FRAMES)
    trajectory.place(1, (0, 0, 0.05), (0.2, 0.2, 0.1))
    trajectory.place(2, (0, 0, 0.3), (0.04, 0.04, 0.04))
    trajectory.velocity[:4, 2] = (0, 0, -0.5)
    # It touches the rim first, and rests in the bowl three frames later.
    trajectory.place(2, (0, 0, 0.12), (0.04, 0.04, 0.04), frames=slice(4, 7))
    trajectory.place(2, (0, 0, 0.03), (0.04, 0.04, 0.04), frames=slice(7, None))
    trajectory.touch(2, 1, frames=range(4, NUM_FRAMES))
    assert trajectory.spans('falling into', RULES) == {(2, 1): [(0, 3)]}
    assert trajectory.spans('in', RULES) == {(2, 1): [(7, NUM_FRAMES - 1)]}
