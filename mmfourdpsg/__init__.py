"""4D panoptic scene graph generation as a plugin to MMEngine and MMDetection.

Importing the package registers its components in MMDetection's registries.
"""

from . import datasets, engine, evaluation, models, registry, visualization
from .version import __version__

__all__ = [
    '__version__',
    'datasets',
    'engine',
    'evaluation',
    'models',
    'registry',
    'visualization',
]
