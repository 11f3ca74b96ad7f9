"""Builder of the bodies of things, from the catalogue."""

from typing import Any

import numpy as np

from .catalogue import CATALOGUE, PALETTE, Model, Part, Solid
from .vectors import length

_WHITE, _DARK = (0.93, 0.92, 0.88), (0.15, 0.15, 0.17)


def build_body(
    client: Any,
    category: str,
    position: np.ndarray,
    yaw: float,
    rng: np.random.Generator,
    size: float = 1.0,
    entry: Model | Solid | list[Part] | None = None,
    colour: tuple[float, float, float] | None = None,
    rolling_friction: float = 0.0004,
) -> tuple[int, tuple[float, float, float, float]]:
    """Put a body of a category into the world.

    Args:
        client: A PyBullet client.
        category: A key of :data:`CATALOGUE`.
        position: Where its origin shall be ``[3]``, in metres.
        yaw: Its rotation about the upright axis in radians.
        rng: Chooses its colours.
        size: Factor on its size.
        entry: How to build it; None is the catalogue's way.
        colour: Its main colour; None samples one.
        rolling_friction: Coefficient of its rolling friction.

    Returns:
        Its number in the client, and the quaternion of its upright pose.
    """
    entry = CATALOGUE[category] if entry is None else entry
    first, second = rng.choice(len(PALETTE), 2, replace=False)
    if category == 'gripper':
        colours = [_DARK, (0.45, 0.47, 0.5), (0.65, 0.66, 0.68), _DARK]
    else:
        colours = [colour or PALETTE[first], PALETTE[second], _WHITE, _DARK]
    shades = [
        (*np.clip(np.array(c) * rng.uniform(0.85, 1.1), 0, 1), 1) for c in colours
    ]
    rest = entry.rest if isinstance(entry, Model) else (0.0, 0.0, 0.0)
    upright = client.getQuaternionFromEuler(rest)
    turn = client.getQuaternionFromEuler((0, 0, yaw))
    _, pose = client.multiplyTransforms((0, 0, 0), turn, (0, 0, 0), upright)
    if isinstance(entry, Model):
        body = client.loadURDF(
            entry.path, list(position), pose, globalScaling=entry.scale * size
        )
        _prepare_model(client, body, entry, shades[0])
    else:
        collision, visual = _shapes(client, entry, shades, size)
        body = client.createMultiBody(0.2, collision, visual, list(position), pose)
    for link in range(-1, client.getNumJoints(body)):
        client.changeDynamics(
            body,
            link,
            lateralFriction=0.6,
            rollingFriction=rolling_friction,
            spinningFriction=0.002,
            restitution=0.15,
            linearDamping=0.02,
            angularDamping=0.02,
        )
    return body, pose


def _prepare_model(client: Any, body: int, model: Model, shade: tuple) -> None:
    joints = client.getNumJoints(body)
    for link in range(-1, joints):
        client.changeDynamics(body, link, mass=model.mass / (joints + 1))
        if model.painted:
            client.changeVisualShape(body, link, rgbaColor=shade, textureUniqueId=-1)
    for joint in range(joints):
        # Toys of many parts are stiff.
        client.setJointMotorControl2(
            body, joint, client.POSITION_CONTROL, targetPosition=0, force=50
        )


def _shapes(
    client: Any, entry: Solid | list[Part], shades: list, size: float
) -> tuple[int, int]:
    if isinstance(entry, Solid):
        return _solid_shapes(client, entry, shades[0], size)
    kinds = dict(
        box=client.GEOM_BOX, cylinder=client.GEOM_CYLINDER, sphere=client.GEOM_SPHERE
    )
    common = dict(
        shapeTypes=[kinds[part.kind] for part in entry],
        halfExtents=[
            [value * size for value in part.size] if part.kind == 'box' else [0, 0, 0]
            for part in entry
        ],
        radii=[0 if p.kind == 'box' else p.size[0] * size for p in entry],
    )
    lengths = [p.size[1] * size if p.kind == 'cylinder' else 0 for p in entry]
    offsets = [[value * size for value in part.offset] for part in entry]
    turns = [client.getQuaternionFromEuler(part.angles) for part in entry]
    collision = client.createCollisionShapeArray(
        **common,
        lengths=lengths,
        collisionFramePositions=offsets,
        collisionFrameOrientations=turns,
    )
    visual = client.createVisualShapeArray(
        **common,
        lengths=lengths,
        rgbaColors=[shades[part.colour] for part in entry],
        visualFramePositions=offsets,
        visualFrameOrientations=turns,
    )
    return collision, visual


def _solid_shapes(client: Any, solid: Solid, shade: tuple, size: float):
    angles = 2 * np.pi * np.arange(solid.sides) / solid.sides
    ring = np.stack([np.cos(angles), np.sin(angles), np.zeros(solid.sides)], axis=1) * (
        solid.radius * size
    )
    low, high = -solid.height * size / 3, solid.height * size * 2 / 3
    base = ring + [0, 0, low]
    corners = np.concatenate([base, [[0, 0, high], [0, 0, low]]])
    # Flat shading needs each face to have corners of its own.
    vertices, normals = [], []
    for i in range(solid.sides):
        j = (i + 1) % solid.sides
        for face in ((i, j, solid.sides), (j, i, solid.sides + 1)):
            points = corners[list(face)]
            normal = np.cross(points[1] - points[0], points[2] - points[0])
            vertices += points.tolist()
            normals += [(normal / length(normal)).tolist()] * 3
    visual = client.createVisualShape(
        client.GEOM_MESH,
        vertices=vertices,
        indices=list(range(len(vertices))),
        normals=normals,
        rgbaColor=shade,
    )
    collision = client.createCollisionShape(client.GEOM_MESH, vertices=corners.tolist())
    return collision, visual
