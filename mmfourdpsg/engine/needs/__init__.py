"""What a config needs and a machine lacks, told all at once before a long run."""

from .check_needs import check_needs, missing_needs
from .need import Need

__all__ = ['Need', 'check_needs', 'missing_needs']
