"""Tabletop-4D: a simulated RGB-D world whose relations follow from its physics."""

from .vocabulary import CATEGORIES, PREDICATES, UNSEEN_CATEGORIES, UNSEEN_PREDICATES

__all__ = ['CATEGORIES', 'PREDICATES', 'UNSEEN_CATEGORIES', 'UNSEEN_PREDICATES']
