"""Check of what a config needs and a machine lacks, before a long run."""

from .check_needs import check_needs, missing_needs
from .need import Need

__all__ = ['Need', 'check_needs', 'missing_needs']
