import numpy as np
import pytest
from hand_made_trajectory import UP, HandMade


def test_contact_normal_points_to_the_body_named_first():
    trajectory = HandMade('cube', 'book')
    trajectory.touch(0, 1, UP, frames=[2], approach_speed=0.3)
    assert trajectory.contact(1, 0, 1) is None
    for order, normal in (((0, 1), [0, 0, 1]), ((1, 0), [0, 0, -1])):
        contact = trajectory.contact(2, *order)
        assert contact.normal.tolist() == normal
        assert contact.approach_speed == 0.3


def test_gap_is_horizontal_and_zero_where_boxes_overlap():
    trajectory = HandMade('cube', 'book')
    trajectory.place(0, (0, 0, 0.05))
    trajectory.place(1, (0.13, 0.14, 5.0))
    # The boxes reach 5 cm: 3 cm remain along x, 4 cm along y.
    assert trajectory.gap(0, 0, 1) == pytest.approx(0.05)
    assert trajectory.gap(0, 1, 0) == pytest.approx(0.05)
    trajectory.place(1, (0.08, 0.0, 5.0))
    assert trajectory.gap(0, 0, 1) == 0


def test_speed_is_the_length_of_the_velocity():
    trajectory = HandMade('cube')
    trajectory.velocity[3, 0] = (0.3, 0.0, -0.4)
    assert [trajectory.speed(frame, 0) for frame in (2, 3)] == pytest.approx([0, 0.5])
    assert trajectory.num_bodies == 1
    assert trajectory.num_frames == 6
    assert np.isscalar(trajectory.speed(3, 0))
