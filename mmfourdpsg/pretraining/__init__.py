"""Pretraining of the parts that 4D-LLM begins with, on the simulated world.

The package does not import it: a config that uses it names it in ``custom_imports``.
"""

from . import alignment, imagebind, metrics, sam2, text

__all__ = ['alignment', 'imagebind', 'metrics', 'sam2', 'text']
