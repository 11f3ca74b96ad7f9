"""Vocabulary of the simulated world: its categories and predicates.

Light: needs neither the simulator nor anything else.
"""

STUFF_CATEGORIES = ('table', 'floor', 'wall')
"""The background; everything else is a thing."""

SEEN_CATEGORIES = (
    'cube',
    'ball',
    'mug',
    'duck',
    'can',
    'lego brick',
    'bottle',
    'book',
    'soccer ball',
    'tray',
    'teddy bear',
    'bowl',
    'domino',
    'plate',
    'gripper',
    'toy robot',
    'cone',
    'basket',
    'jenga block',
    'toy car',
    'candle',
    'pyramid',
    'lamp',
)
"""Things of the training videos, the most frequent first (the gripper apart)."""

UNSEEN_CATEGORIES = ('mushroom', 'hammer', 'house')
"""Things that only videos with held-out labels have."""

SEEN_PREDICATES = (
    'on',
    'in',
    'stacked on',
    'next to',
    'to the left of',
    'in front of',
    'leaning on',
    'falling onto',
    'falling into',
    'rolling on',
    'sliding on',
    'hitting',
    'pushing',
    'reaching for',
    'holding',
    'carrying',
    'lifting',
)
"""Relations of the training videos."""

UNSEEN_PREDICATES = ('pulling', 'spinning on')
"""Relations that only videos with held-out labels have."""

CATEGORIES = (*STUFF_CATEGORIES, *SEEN_CATEGORIES, *UNSEEN_CATEGORIES)
PREDICATES = (*SEEN_PREDICATES, *UNSEEN_PREDICATES)

ROUND_CATEGORIES = frozenset({'ball', 'soccer ball', 'can', 'bottle', 'candle'})
"""Things that can roll."""

CONTAINER_CATEGORIES = frozenset({'tray', 'bowl', 'basket', 'mug'})
"""Things that others can be in."""
