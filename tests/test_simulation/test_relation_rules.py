"""The rules of the first edition, and what the second takes from them."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hand_made_trajectory import LEFT, RIGHT, UP, HandMade
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfourdpsg.simulation.relation_rules import CLUTTER_RULES, RuleThresholds

WHOLE = [(0, 5)]


def on_table(*categories, num_frames=6):
    """Things that stand on a table, which is body 0."""
    trajectory = HandMade('table', *categories, num_frames=num_frames)
    for body in range(1, len(categories) + 1):
        trajectory.touch(body, 0)
    return trajectory


# Support


def test_what_rests_on_stuff_is_on_it():
    assert on_table('cube').derive() == {(1, 'on', 0): WHOLE}


def test_on_does_not_depend_on_the_order_of_a_contact():
    trajectory = HandMade('floor', 'cube')
    trajectory.touch(0, 1, (0, 0, -1))
    assert trajectory.derive() == {(1, 'on', 0): WHOLE}


@pytest.mark.parametrize('normal', [RIGHT, (0, 0, -1), (0.9, 0, 0.43)])
def test_touching_from_the_side_or_below_is_no_support(normal):
    trajectory = HandMade('table', 'cube')
    trajectory.touch(1, 0, normal)
    assert trajectory.derive() == {}


def test_what_rests_on_a_thing_is_stacked_on_it():
    trajectory = HandMade('table', 'book', 'cube')
    trajectory.touch(1, 0)
    trajectory.touch(2, 1)
    assert trajectory.derive() == {(1, 'on', 0): WHOLE, (2, 'stacked on', 1): WHOLE}


def test_nothing_is_on_a_gripper_and_a_gripper_is_on_nothing():
    trajectory = HandMade('table', 'gripper', 'cube')
    trajectory.touch(1, 0)
    trajectory.touch(2, 1)
    assert trajectory.derive() == {}


def in_container(container='tray', height=0.03):
    trajectory = HandMade('table', container, 'ball')
    trajectory.place(1, (0, 0, 0.05), (0.3, 0.3, 0.1))
    trajectory.place(2, (0.05, 0, height), (0.04, 0.04, 0.04))
    trajectory.touch(1, 0)
    trajectory.touch(2, 1)
    return trajectory


@pytest.mark.parametrize('container', ['tray', 'bowl', 'basket', 'mug'])
def test_what_rests_in_a_container_is_in_it(container):
    assert in_container(container).derive() == {
        (1, 'on', 0): WHOLE,
        (2, 'in', 1): WHOLE,
    }


def test_in_needs_a_container_below_whose_rim_the_thing_is():
    assert (2, 'stacked on', 1) in in_container('book').derive()
    on_rim = in_container(height=0.12).derive()
    assert (2, 'stacked on', 1) in on_rim
    assert (2, 'in', 1) not in on_rim


def test_in_needs_a_centre_within_and_a_touch():
    outside = in_container()
    outside.place(2, (0.16, 0, 0.03), (0.04, 0.04, 0.04))
    assert not outside.spans('in')
    hovering = in_container()
    hovering.contacts = [
        {pair: c for pair, c in row.items() if pair != (2, 1)}
        for row in hovering.contacts
    ]
    assert hovering.derive() == {(1, 'on', 0): WHOLE}


def test_what_moves_over_its_support_slides_on_it():
    trajectory = on_table('cube')
    trajectory.velocity[2:, 1] = (0.2, 0, 0)
    assert trajectory.derive() == {
        (1, 'on', 0): [(0, 1)],
        (1, 'sliding on', 0): [(2, 5)],
    }


def test_what_moves_with_its_support_rests_on_it():
    trajectory = HandMade('table', 'book', 'cube')
    trajectory.touch(1, 0)
    trajectory.touch(2, 1)
    trajectory.velocity[:, 1:] = (0.2, 0, 0)
    assert trajectory.derive() == {
        (1, 'sliding on', 0): WHOLE,
        (2, 'stacked on', 1): WHOLE,
    }


@pytest.mark.parametrize(
    'category, spin, predicate',
    [
        # A radius of 5 cm: 0.2 m/s are 4 rad/s.
        ('ball', 4.0, 'rolling on'),
        ('soccer ball', 2.1, 'rolling on'),
        ('ball', 1.9, 'sliding on'),
        ('ball', 0.0, 'sliding on'),
        ('cube', 4.0, 'sliding on'),
    ],
)
def test_rolling_needs_a_round_thing_that_turns_enough(category, spin, predicate):
    trajectory = on_table(category)
    trajectory.velocity[:, 1] = (0.2, 0, 0)
    trajectory.spin[:, 1] = (0, spin, 0)
    assert trajectory.derive() == {(1, predicate, 0): WHOLE}


def test_turning_about_the_upright_axis_is_not_rolling():
    trajectory = on_table('ball')
    trajectory.velocity[:, 1] = (0.2, 0, 0)
    trajectory.spin[:, 1] = (0, 0, 9.0)
    assert trajectory.derive() == {(1, 'sliding on', 0): WHOLE}


@pytest.mark.parametrize('rate', [5.0, -5.0])
def test_what_turns_fast_about_the_upright_axis_spins(rate):
    trajectory = on_table('plate')
    trajectory.spin[1:4, 1] = (0, 0, rate)
    trajectory.spin[4:, 1] = (0, 0, 2.9)
    assert trajectory.derive() == {
        (1, 'spinning on', 0): [(1, 3)],
        (1, 'on', 0): [(4, 5)],
    }


# Falling


def dropped(landing, **kwargs):
    """Body 2 waits in the air, falls in frames 2 and 3, and lands in frame 4."""
    trajectory = HandMade('table', landing, 'ball', **kwargs)
    trajectory.place(1, (0, 0, 0.05), (0.3, 0.3, 0.1))
    trajectory.touch(1, 0)
    trajectory.place(2, (0, 0, 0.5), (0.04, 0.04, 0.04))
    trajectory.velocity[2:4, 2] = (0, 0, -0.6)
    trajectory.place(2, (0, 0, 0.03), (0.04, 0.04, 0.04), frames=slice(4, None))
    trajectory.touch(2, 1, frames=range(4, trajectory.num_frames))
    return trajectory


def test_what_drops_on_a_thing_falls_onto_it_and_is_stacked_then():
    assert dropped('book').derive() == {
        (1, 'on', 0): WHOLE,
        (2, 'falling onto', 1): [(2, 3)],
        (2, 'stacked on', 1): [(4, 5)],
    }


def test_what_drops_in_a_container_falls_into_it_and_is_in_it_then():
    assert dropped('basket').derive() == {
        (1, 'on', 0): WHOLE,
        (2, 'falling into', 1): [(2, 3)],
        (2, 'in', 1): [(4, 5)],
    }


def test_of_two_that_are_touched_the_lower_one_is_fallen_onto():
    trajectory = HandMade('table', 'cube', 'ball')
    trajectory.velocity[:3, 2] = (0, 0, -0.6)
    trajectory.touch(2, 1, RIGHT, frames=[3, 4, 5])
    trajectory.touch(2, 0, UP, frames=[3, 4, 5])
    assert trajectory.spans('falling onto') == {(2, 0): [(0, 2)]}


def test_what_is_lowered_by_a_gripper_or_slow_or_never_lands_does_not_fall():
    lowered = dropped('book')
    lowered.categories[0] = 'gripper'
    lowered.hold(0, 2, range(6))
    slow = dropped('book')
    slow.velocity[2:4, 2] = (0, 0, -0.29)
    endless = dropped('book')
    endless.velocity[2:, 2] = (0, 0, -0.6)
    endless.contacts = [{} for _ in range(6)]
    for trajectory in (lowered, slow, endless):
        assert not trajectory.spans('falling onto')


# Impact and pushing


def collision(first='ball', second='cube', frame=3, normal=LEFT, approach_speed=0.4):
    """Body 1 comes from the left and stops at body 2."""
    trajectory = HandMade('table', first, second)
    trajectory.velocity[:frame, 1] = (0.5, 0, 0)
    trajectory.touch(
        1, 2, normal, frames=range(frame, 6), approach_speed=approach_speed
    )
    return trajectory


def test_hitting_lasts_two_frames():
    assert collision().derive() == {(1, 'hitting', 2): [(3, 4)]}


def test_hitting_at_the_end_of_the_video_lasts_one():
    assert collision(frame=5).derive() == {(1, 'hitting', 2): [(5, 5)]}


def test_the_faster_one_hits_whatever_the_order():
    trajectory = collision()
    trajectory.velocity[:3, 2] = (-0.7, 0, 0)
    assert trajectory.derive() == {(2, 'hitting', 1): [(3, 4)]}


@pytest.mark.parametrize(
    'change',
    [
        dict(approach_speed=0.14),
        dict(normal=(0, 0.5, 0.8)),
        dict(second='gripper'),
        dict(second='wall'),
    ],
)
def test_slow_or_sideways_contact_and_grippers_and_walls_are_no_hit(change):
    assert not collision(**change).spans('hitting')


def test_who_touched_already_does_not_hit():
    trajectory = collision()
    trajectory.touch(1, 2, LEFT, frames=[2])
    trajectory.contacts[2][1, 2].approach_speed = 0.1
    assert not trajectory.spans('hitting')


def pushed(pusher, speeds=(0.2, 0.2), normal=LEFT):
    trajectory = HandMade('table', pusher, 'cube')
    trajectory.touch(1, 2, normal, frames=range(2, 6))
    for body, speed in zip((1, 2), speeds, strict=True):
        trajectory.velocity[2:, body] = (speed, 0, 0)
    return trajectory


@pytest.mark.parametrize('pusher', ['gripper', 'toy car'])
def test_who_touches_from_behind_and_moves_along_pushes(pusher):
    assert pushed(pusher).derive() == {(1, 'pushing', 2): [(2, 5)]}


def test_the_one_behind_pushes():
    assert pushed('toy car', normal=RIGHT).derive() == {(2, 'pushing', 1): [(2, 5)]}


@pytest.mark.parametrize(
    'change',
    [
        dict(speeds=(0.2, 0.05)),
        dict(speeds=(0.05, 0.2)),
        dict(speeds=(0.2, -0.2)),
        # The pushed one has run ahead.
        dict(speeds=(0.08, 0.3)),
        dict(normal=(0, 1, 0)),
        dict(normal=(-0.8, 0, 0.6)),
    ],
)
def test_unequal_speed_or_contact_from_the_side_is_no_push(change):
    assert not pushed('gripper', **change).spans('pushing')


def test_what_is_held_is_not_pushed():
    trajectory = pushed('gripper')
    trajectory.hold(1, 2, range(6))
    assert not trajectory.spans('pushing')


# Grippers


def test_a_grasp_goes_from_reaching_over_holding_and_lifting_to_carrying():
    trajectory = HandMade('table', 'gripper', 'cube', num_frames=14)
    trajectory.touch(2, 0, frames=range(7))
    trajectory.place(2, (0, 0, 0.05))
    # Idle for two frames, then towards the cube, which it holds from frame 5.
    for frame, distance in enumerate((0.3, 0.3, 0.25, 0.15, 0.05)):
        trajectory.place(1, (0, distance, 0.05), frames=frame)
    trajectory.place(1, (0, 0, 0.05), frames=slice(5, None))
    trajectory.velocity[2:5, 1] = (0, -0.8, 0)
    trajectory.hold(1, 2, range(5, 14))
    trajectory.velocity[7:10, 1] = (0.1, 0, 0.2)
    trajectory.velocity[10:12, 1] = (0.1, 0.1, 0)
    assert trajectory.derive() == {
        (2, 'on', 0): [(0, 4)],
        (1, 'reaching for', 2): [(2, 4)],
        (1, 'holding', 2): [(5, 6), (12, 13)],
        (1, 'lifting', 2): [(7, 9)],
        (1, 'carrying', 2): [(10, 11)],
    }


def test_approaching_without_a_grasp_is_not_reaching():
    trajectory = HandMade('table', 'gripper', 'cube')
    trajectory.velocity[:, 1] = (0.3, 0, 0)
    assert trajectory.derive() == {}


def test_who_holds_something_else_does_not_reach():
    trajectory = HandMade('gripper', 'cube', 'ball')
    trajectory.hold(0, 1, [0, 1, 2])
    trajectory.velocity[:, 0] = (0.3, 0, 0)
    trajectory.hold(0, 2, [4, 5])
    # Only frame 3 is free, and one frame is flicker.
    assert not trajectory.spans('reaching for')


def test_what_is_held_and_moved_on_the_ground_is_pulled():
    trajectory = HandMade('table', 'gripper', 'cube')
    trajectory.hold(1, 2, range(6))
    trajectory.touch(2, 0)
    trajectory.velocity[2:, 1] = (0.1, 0, 0)
    assert trajectory.derive() == {
        (1, 'holding', 2): [(0, 1)],
        (1, 'pulling', 2): [(2, 5)],
    }


# Neighbourhood


def row(*gaps, depths=None):
    """Cubes side by side on the table, with gaps in metres."""
    trajectory = on_table(*['cube'] * (len(gaps) + 1))
    place = 0.0
    for body, gap in enumerate((0.0, *gaps), start=1):
        place += gap + 0.1
        trajectory.place(body, (place, 0, 0.05))
    if depths:
        trajectory.depth[:, 1:] = depths
    return trajectory


def near(trajectory):
    return {key: v for key, v in trajectory.derive().items() if key[1] != 'on'}


def test_each_thing_has_the_nearest_on_its_right_as_neighbour():
    assert near(row(0.01, 0.05)) == {
        (1, 'next to', 2): WHOLE,
        (2, 'to the left of', 3): WHOLE,
    }


def test_left_is_left_in_the_image():
    trajectory = row(0.01)
    trajectory.image_x[:, 1:] = (90, 30)
    assert near(trajectory) == {(2, 'next to', 1): WHOLE}


def test_neighbours_end_at_a_distance():
    assert near(row(0.079)) == {(1, 'to the left of', 2): WHOLE}
    assert near(row(0.081)) == {}


def test_what_is_behind_is_not_to_the_right():
    assert near(row(0.05, depths=(1.0, 1.06))) == {}
    assert near(row(0.01, depths=(1.0, 1.06))) == {(1, 'next to', 2): WHOLE}


def test_only_resting_things_on_the_same_ground_are_neighbours():
    moving = row(0.01)
    moving.velocity[:3, 1] = (0, 0.1, 0)
    assert moving.spans('next to') == {(1, 2): [(3, 5)]}
    apart = HandMade('table', 'cube', 'cube', 'floor')
    apart.place(1, (0, 0, 0.05))
    apart.place(2, (0.11, 0, 0.05))
    apart.touch(1, 0)
    apart.touch(2, 3)
    assert near(apart) == {}
    held = row(0.01)
    held.categories[0] = 'floor'
    held.hold(0, 1, range(6))
    assert not held.spans('next to')


def file_of(*depths, gap=0.05, shift=0.0):
    """Things one behind the other, in the same columns of the image."""
    trajectory = on_table(*['cube'] * len(depths))
    for body, depth in enumerate(depths, start=1):
        trajectory.place(body, (0, (body - 1) * (0.1 + gap), 0.05))
        trajectory.depth[:, body] = depth
        left = shift * (body - 1)
        trajectory.image_box[:, body] = (left, 0, left + 40, 50)
    trajectory.image_x[:] = 0
    return trajectory


def test_each_thing_is_in_front_of_the_nearest_behind_it_alone():
    assert near(file_of(1.0, 1.15, 1.3, gap=-0.02)) == {
        (1, 'in front of', 2): WHOLE,
        (2, 'in front of', 3): WHOLE,
    }


@pytest.mark.parametrize('shift, holds', [(19, True), (21, False)])
def test_in_front_of_needs_half_an_overlap_in_the_image(shift, holds):
    found = file_of(1.0, 1.15, shift=shift).spans('in front of')
    assert found == ({(1, 2): WHOLE} if holds else {})


def test_in_front_of_needs_depth_and_nearness():
    assert near(file_of(1.0, 1.04)) == {}
    assert near(file_of(1.0, 1.2, gap=0.11)) == {}


# Leaning


def leaning(category='domino', tilt=20.0, prop_tilt=0.0, normal=(-0.9, 0, 0.3)):
    trajectory = on_table(category, 'cube')
    trajectory.place(1, (0, 0, 0.05))
    trajectory.place(2, (0.08, 0, 0.05))
    trajectory.tilt[:, 1:] = (tilt, prop_tilt)
    trajectory.touch(1, 2, normal)
    return trajectory


def test_what_is_tilted_against_an_upright_thing_leans_on_it():
    assert leaning().spans('leaning on') == {(1, 2): WHOLE}


@pytest.mark.parametrize(
    'change',
    [
        dict(tilt=11.0),
        dict(tilt=76.0),
        dict(prop_tilt=13.0),
        dict(category='candle'),
        dict(normal=(0.1, 0, 0.95)),
    ],
)
def test_other_tilts_shapes_and_contacts_are_no_leaning(change):
    assert not leaning(**change).spans('leaning on')


def test_what_still_tips_over_does_not_lean():
    trajectory = leaning()
    trajectory.velocity[:2, 1] = (0.2, 0, 0)
    assert trajectory.spans('leaning on') == {(1, 2): [(2, 5)]}


def test_what_leans_steeply_is_not_also_stacked():
    trajectory = leaning('book', tilt=50.0, normal=(-0.7, 0, 0.7))
    assert trajectory.spans('leaning on') == {(1, 2): WHOLE}
    assert not trajectory.spans('stacked on')
    assert trajectory.spans('on')[1, 0] == WHOLE
    # Without the table beneath, the cube alone carries it.
    for contacts in trajectory.contacts:
        del contacts[1, 0]
    assert trajectory.spans('stacked on') == {(1, 2): WHOLE}


def test_nothing_leans_on_a_wall_of_the_room():
    trajectory = leaning()
    trajectory.categories[2] = 'wall'
    assert not trajectory.spans('leaning on')


# Smoothing and visibility


def test_relations_are_sorted_by_start():
    trajectory = on_table('cube', 'cube')
    trajectory.contacts[0].clear()
    trajectory.contacts[1].pop((1, 0))
    spans = list(trajectory.derive().items())
    assert spans == [((2, 'on', 0), [(1, 5)]), ((1, 'on', 0), [(2, 5)])]


def test_thresholds_are_adjustable():
    trajectory = on_table('cube')
    trajectory.velocity[:, 1] = (0.2, 0, 0)
    assert trajectory.derive(
        replace(CLUTTER_RULES, thresholds=RuleThresholds(moving=0.3))
    ) == {(1, 'on', 0): WHOLE}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1))
def test_spans_bridge_one_frame_and_leave_out_flicker_and_the_unseen(frames):
    touches, cube_seen, table_seen = (
        np.array(part) for part in zip(*frames, strict=True)
    )
    trajectory = HandMade('table', 'cube', num_frames=len(frames))
    trajectory.touch(1, 0, frames=np.flatnonzero(touches))
    trajectory.visible_pixels[:, 1] = np.where(cube_seen, 16, 15)
    trajectory.visible_pixels[:, 0] = np.where(table_seen, 16, 0)
    # The same by text: bridge single zeros, drop single ones, hide, drop again.
    text = ''.join('01'[int(value)] for value in touches)
    text = re.sub(r'(?<=1)0(?=1)', '1', text)
    text = re.sub(r'(?<!1)1(?!1)', '0', text)
    seen = cube_seen & table_seen
    text = ''.join(c if s else '0' for c, s in zip(text, seen, strict=True))
    expected = [(m.start(), m.end() - 1) for m in re.finditer('11+', text)]
    assert trajectory.spans('on') == ({(1, 0): expected} if expected else {})
