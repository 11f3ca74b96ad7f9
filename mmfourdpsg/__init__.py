"""4D panoptic scene graph generation as a plugin to MMEngine and MMDetection."""

from . import registry
from .version import __version__

__all__ = ['__version__', 'registry']
