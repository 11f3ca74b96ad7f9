"""Worked examples of chained inference, for the prompt."""

from collections.abc import Sequence

from mmfourdpsg.structures import (
    Relation,
    SceneGraph,
    SceneObject,
    load_scene_graphs,
)

APPENDIX_E = SceneGraph(
    'appendix_e',
    1,
    1,
    10,
    [
        SceneObject(
            1,
            'person',
            description='wearing a white T-shirt, gray pants, and black gloves, in a '
            'dark blue helmet, running on a sandy field',
        ),
        SceneObject(
            2,
            'person',
            description='wearing a green shirt, gray pants, and a green baseball cap, '
            'holding a baseball glove, slightly behind',
        ),
        SceneObject(
            3,
            'field',
            is_thing=False,
            description='a green outfield area with a mix of trees in the background',
        ),
        SceneObject(
            4,
            'ground',
            is_thing=False,
            description='a sandy dirt area forming the base path',
        ),
    ],
    [
        Relation(
            1,
            'running toward',
            2,
            [(2, 7)],
            reason='the runner is running toward the fielder, indicating a potential '
            'play interaction',
        ),
        Relation(
            1,
            'running along',
            4,
            [(1, 8)],
            reason='the runner is running along the base path',
        ),
        Relation(
            2,
            'standing near',
            4,
            [(0, 9)],
            reason='the fielder is positioned on or near the base path',
        ),
        Relation(
            4,
            'part of',
            3,
            [(0, 9)],
            reason='the ground is part of the larger field',
        ),
    ],
)
"""The paper's example (appendix E), its times on a grid of ten frames."""


def load_examples(names: Sequence[str]) -> list[SceneGraph]:
    """Return the examples of some names.

    Args:
        names: ``appendix_e``, or JSON files of scene graphs, all of whose videos count.

    Raises:
        InputError: A file is missing or not valid.
    """
    found: list[SceneGraph] = []
    for name in names:
        found += [APPENDIX_E] if name == 'appendix_e' else load_scene_graphs(name)
    return found
