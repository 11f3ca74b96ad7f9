"""Limit on the number of predicates of a pair of objects."""

from collections.abc import Sequence

from mmfourdpsg.structures import Relation
from mmfourdpsg.utils import InputError

_ATTENTION = ('looking at', 'not looking at', 'unsure')
_SPATIAL = ('above', 'beneath', 'in front of', 'behind', 'on the side of', 'in')
ACTION_GENOME_TYPES = {
    **dict.fromkeys(_ATTENTION, 'attention'),
    **dict.fromkeys(_SPATIAL, 'spatial'),
}
"""Predicate -> type of Action Genome; every other one is of contact."""

CONSTRAINTS = ('pair', 'action-genome', 'none')
"""One predicate a pair; one a pair and type of Action Genome; any number."""


def check_constraint(constraint: str) -> None:
    """Check what :func:`constrain` is asked for.

    Raises:
        InputError: The constraint is unknown.
    """
    if constraint not in CONSTRAINTS:
        raise InputError(
            f'constraint is {constraint!r}, expected one of {list(CONSTRAINTS)}'
        )


def constrain(
    relations: Sequence[Relation], constraint: str = 'pair'
) -> list[Relation]:
    """Return the relations that count, in the order in which they are given.

    Source: Zellers et al., "Neural Motifs" (CVPR 2018), for ``pair`` and ``none``; Cong
    et al., "STTran" (ICCV 2021), for ``action-genome``, where a pair has one predicate
    of each type: attention, spatial and contact.

    Args:
        relations: Relations, best first.
        constraint: One of :data:`CONSTRAINTS`.

    Raises:
        InputError: The constraint is unknown.
    """
    check_constraint(constraint)
    if constraint == 'none':
        return list(relations)
    types = ACTION_GENOME_TYPES if constraint == 'action-genome' else {}
    best: dict[tuple[int, int, str | None], Relation] = {}
    for row in relations:
        best.setdefault((row.subject, row.object, types.get(row.predicate)), row)
    return list(best.values())
