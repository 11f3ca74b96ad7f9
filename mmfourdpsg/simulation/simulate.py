"""Simulation of one video from a seed."""

import numpy as np

from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject

from .edition import TABLETOP, Edition
from .recording import Recording
from .relation_rules import derive_relations
from .silence import silence
from .trajectory import Trajectory
from .vocabulary import (
    STUFF_CATEGORIES,
    UNSEEN_CATEGORIES,
    UNSEEN_PREDICATES,
)
from .world import World

STUFF_OFFSET = 1000
"""Ids of stuff start here, as PSG4D-GTA's do, so that ids exceed 255."""

STATIC = frozenset(
    {'on', 'in', 'stacked on', 'next to', 'to the left of', 'in front of'}
)


def simulate_video(
    video_id: str,
    seed: int,
    unseen: bool = False,
    edition: Edition = TABLETOP,
    max_attempts: int = 40,
) -> Recording:
    """Simulate a video.

    A sample in which nothing happens, in which too much does, or which has a predicate
    that is held out, is replaced by the next.

    Args:
        video_id: Name of the video.
        seed: Everything follows from it.
        unseen: Whether it shall have held-out categories and predicates; otherwise it
            has none.
        edition: The world that it is of.
        max_attempts: Samples before giving up.

    Returns:
        The recording.

    Raises:
        RuntimeError: No sample was good.
    """
    settings = edition.settings
    for attempt in range(max_attempts):
        rng = np.random.default_rng((*edition.stream, seed, attempt))
        world = World(settings, rng, edition.stage)
        try:
            with silence():
                edition.scenarios(world, rng, unseen)
            world.settle(1.0, edition.settle_gravity)
            if not _starts_well(world, edition):
                continue
            rgb, depth, numbers, trajectory = world.record()
            focal_length = world.focal_length()
        finally:
            world.close()
        graph, ids = _scene_graph(video_id, trajectory, numbers, edition)
        if is_good(graph, unseen, edition):
            return Recording(graph, rgb, depth, ids, focal_length, settings.fps, seed)
    raise RuntimeError(f'seed {seed}: none of {max_attempts} samples is a good video')


def _starts_well(world: World, edition: Edition) -> bool:
    """Return whether things are large in the first image, and at rest before it.

    To look at one image is quicker than to record a video that is not kept.
    """
    if edition.rest_speed is None:
        return True
    sizes = edition.settings
    least = edition.min_share * sizes.width * sizes.height
    return world.is_at_rest(edition.rest_speed) and all(
        area >= least for area in world.visible_areas().values()
    )


def _scene_graph(
    video_id: str,
    trajectory: Trajectory,
    numbers: np.ndarray,
    edition: Edition,
) -> tuple[SceneGraph, np.ndarray]:
    settings = edition.settings
    kept = trajectory.visible_pixels.max(0) >= settings.min_pixels  # [N]
    ids = np.arange(1, len(kept) + 1)
    stuff = np.array([name in STUFF_CATEGORIES for name in trajectory.categories])
    ids = np.where(stuff, ids + STUFF_OFFSET, ids)
    # The last entry stands for "no body", numbered -1.
    table = np.append(np.where(kept, ids, 0), 0).astype(np.int32)
    instance_ids = table[numbers]
    objects = []
    for number in np.flatnonzero(kept):
        masks = {
            frame: image == number
            for frame, image in enumerate(numbers)
            if trajectory.visible_pixels[frame, number]
        }
        tube = MaskTube.from_masks(masks, settings.height, settings.width)
        category = trajectory.categories[number]
        objects.append(
            SceneObject(int(ids[number]), category, not stuff[number], tube=tube)
        )
    relations = [
        Relation(int(ids[subject]), predicate, int(ids[other]), span)
        for subject, predicate, other, span in derive_relations(
            trajectory, edition.rules
        )
        if kept[subject] and kept[other]
    ]
    graph = SceneGraph(
        video_id,
        settings.height,
        settings.width,
        settings.num_frames,
        objects,
        relations,
    ).unite_relations()
    return graph, instance_ids


def is_good(graph: SceneGraph, unseen: bool, edition: Edition) -> bool:
    """Return whether a video is kept: something is seen to happen, but not too much."""
    predicates = {relation.predicate for relation in graph.relations}
    categories = {item.category for item in graph.objects}
    held_out = predicates & set(UNSEEN_PREDICATES) or categories & set(
        UNSEEN_CATEGORIES
    )
    things = [item for item in graph.objects if item.is_thing]
    fewest, most = edition.num_things
    return (
        bool(held_out) == unseen
        and bool(predicates - STATIC)
        and 3 <= len(graph.relations) <= edition.settings.max_relations
        and fewest <= len(things) <= most
        and all(_share(item) >= edition.min_share for item in things)
    )


def _share(item: SceneObject) -> float:
    """Return the share of the image that an object covers, in the mean."""
    tube = item.tube
    return tube.area() / (max(len(tube), 1) * tube.height * tube.width)
