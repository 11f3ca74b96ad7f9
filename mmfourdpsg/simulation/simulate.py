"""Simulation of one video from a seed."""

import numpy as np

from mmfourdpsg.structures import MaskTube, Relation, SceneGraph, SceneObject

from .recording import Recording
from .relation_rules import RuleThresholds, derive_relations
from .scenarios import ACTIONS, BACKDROPS, UNSEEN_ACTIONS, Director
from .settings import SimulationSettings
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
    settings: SimulationSettings | None = None,
    thresholds: RuleThresholds | None = None,
    max_attempts: int = 20,
) -> Recording:
    """Simulate a video.

    A sample in which nothing happens, in which too much does, or which has a predicate
    that is held out, is replaced by the next.

    Args:
        video_id: Name of the video.
        seed: Everything follows from it.
        unseen: Whether it shall have held-out categories and predicates; otherwise it
            has none.
        settings: Sizes.
        thresholds: When a relation holds.
        max_attempts: Samples before giving up.

    Returns:
        The recording.

    Raises:
        RuntimeError: No sample was good.
    """
    settings = settings or SimulationSettings()
    for attempt in range(max_attempts):
        rng = np.random.default_rng((seed, attempt))
        world = World(settings, rng)
        try:
            with silence():
                _stage(world, rng, unseen)
            world.settle(1.0)
            rgb, depth, numbers, trajectory = world.record()
            focal_length = world.focal_length()
        finally:
            world.close()
        graph, ids = _scene_graph(video_id, trajectory, numbers, settings, thresholds)
        if _is_good(graph, unseen, settings):
            return Recording(graph, rgb, depth, ids, focal_length, settings.fps, seed)
    raise RuntimeError(f'seed {seed}: none of {max_attempts} samples is a good video')


def _stage(world: World, rng: np.random.Generator, unseen: bool) -> None:
    director = Director(world, rng, UNSEEN_CATEGORIES if unseen else ())
    if unseen and rng.random() < 0.7:
        UNSEEN_ACTIONS[rng.integers(len(UNSEEN_ACTIONS))](director)
    else:
        ACTIONS[rng.integers(len(ACTIONS))](director)
    if rng.random() < 0.25:
        # Two grippers would be in each other's way, so the second rolls or falls.
        ACTIONS[rng.integers(3)](director)
    BACKDROPS[rng.choice(len(BACKDROPS), p=(0.4, 0.35, 0.25))](director)
    if rng.random() < 0.5:
        director.put(director.category())


def _scene_graph(
    video_id: str,
    trajectory: Trajectory,
    numbers: np.ndarray,
    settings: SimulationSettings,
    thresholds: RuleThresholds | None,
) -> tuple[SceneGraph, np.ndarray]:
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
        for subject, predicate, other, span in derive_relations(trajectory, thresholds)
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


def _is_good(graph: SceneGraph, unseen: bool, settings: SimulationSettings) -> bool:
    predicates = {relation.predicate for relation in graph.relations}
    categories = {item.category for item in graph.objects}
    held_out = predicates & set(UNSEEN_PREDICATES) or categories & set(
        UNSEEN_CATEGORIES
    )
    return (
        bool(held_out) == unseen
        and bool(predicates - STATIC)
        and 3 <= len(graph.relations) <= settings.max_relations
    )
