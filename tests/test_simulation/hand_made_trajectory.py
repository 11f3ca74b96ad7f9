"""Trajectories made by hand, so that what holds in them is known."""

import numpy as np

from mmfourdpsg.simulation.relation_rules import CLUTTER_RULES, derive_relations
from mmfourdpsg.simulation.trajectory import Contact, Trajectory

UP, LEFT, RIGHT = (0, 0, 1), (-1, 0, 0), (1, 0, 0)


class HandMade(Trajectory):
    """Bodies of 10 cm, a metre apart, at rest, visible, and touching nothing."""

    def __init__(self, *categories, num_frames=6):
        shape = (num_frames, len(categories))
        boxes = np.zeros((*shape, 4))
        boxes[..., 0] = boxes[..., 1] = np.arange(len(categories)) * 100
        boxes[..., 2:] = boxes[..., :2] + 50
        super().__init__(
            list(categories),
            position=np.zeros((*shape, 3)),
            velocity=np.zeros((*shape, 3)),
            spin=np.zeros((*shape, 3)),
            low=np.zeros((*shape, 3)),
            high=np.zeros((*shape, 3)),
            tilt=np.zeros(shape),
            image_x=np.zeros(shape) + np.arange(len(categories)) * 100,
            depth=np.ones(shape),
            image_box=boxes,
            visible_pixels=np.full(shape, 100),
            contacts=[{} for _ in range(num_frames)],
            held=[{} for _ in range(num_frames)],
        )
        for body in range(len(categories)):
            self.place(body, (body, 0, 0.05))

    def place(self, body, centre, size=(0.1, 0.1, 0.1), frames=slice(None)):
        self.position[frames, body] = centre
        self.low[frames, body] = np.array(centre) - np.array(size) / 2
        self.high[frames, body] = np.array(centre) + np.array(size) / 2

    def touch(self, first, second, normal=UP, frames=None, approach_speed=0.0):
        """Let two bodies touch; the normal points to the first."""
        for frame in range(self.num_frames) if frames is None else frames:
            contact = Contact(np.array(normal, dtype=float), approach_speed)
            self.contacts[frame][first, second] = contact

    def hold(self, gripper, body, frames):
        for frame in frames:
            self.held[frame][gripper] = body

    def derive(self, book=CLUTTER_RULES):
        """Return {(subject, predicate, object): span}."""
        relations = derive_relations(self, book)
        found = {(s, name, o): span for s, name, o, span in relations}
        assert len(found) == len(relations)
        return found

    def spans(self, predicate, book=CLUTTER_RULES):
        """Return {(subject, object): span} of one predicate."""
        found = self.derive(book)
        return {(s, o): v for (s, name, o), v in found.items() if name == predicate}
