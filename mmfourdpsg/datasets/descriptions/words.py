"""The phrases that descriptions and reasons are put together from."""

SIZES = ('tiny', 'small', 'medium-sized', 'large', 'huge')
PLACES = (
    ('at the upper left', 'at the top', 'at the upper right'),
    ('at the left', 'in the middle', 'at the right'),
    ('at the lower left', 'at the bottom', 'at the lower right'),
)
NEAR, FAR = 'near', 'far away'
LEFT, RIGHT, UP, DOWN = 'moving left', 'moving right', 'moving up', 'moving down'
CLOSER, AWAY = 'coming closer', 'going away'
ABOUT, AT_REST = 'moving about', 'at rest'
APPEARING, LEAVING = 'appearing later', 'leaving'

TOUCH, ADJOIN, OVERLAP = 'they touch', 'they adjoin', 'they overlap'
CLOSE, APART = 'close together', 'apart'
TOGETHER = 'they move together'
ENDS = ('the first', 'the second')
"""What a reason calls the subject and the object of its relation."""
IS_PLACED = '{} is {}'
ABOVE, BELOW = 'above', 'below'
AT_LEFT, AT_RIGHT = 'at the left', 'at the right'
IN_FRONT, BEHIND = 'in front', 'behind'
SURROUNDS = '{} surrounds {}'
TOWARD, AWAY_FROM = '{} moves toward {}', '{} moves away from {}'
EACH_OTHER = 'they move toward each other'
MOVES = '{} moves'

_PHRASES = (
    *SIZES,
    *(place for row in PLACES for place in row),
    *(NEAR, FAR, LEFT, RIGHT, UP, DOWN, CLOSER, AWAY, ABOUT, AT_REST),
    *(APPEARING, LEAVING, TOUCH, ADJOIN, OVERLAP, CLOSE, APART, TOGETHER, *ENDS),
    *(IS_PLACED, ABOVE, BELOW, AT_LEFT, AT_RIGHT, IN_FRONT, BEHIND, SURROUNDS),
    *(TOWARD, AWAY_FROM, EACH_OTHER, MOVES),
)
DESCRIPTION_WORDS = frozenset(
    word for phrase in _PHRASES for word in phrase.split() if word != '{}'
)
"""All words of what is said from masks, boxes and depth; commas stand between phrases.

Attributes and captions bring their own.
"""


def swap_ends(reason: str) -> str:
    """Return a reason of a relation whose subject and object are exchanged."""
    first, second = ENDS
    parts = (part.replace(second, first) for part in reason.split(first))
    return second.join(parts)
