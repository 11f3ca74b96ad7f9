"""Parameter schedulers."""

from .inverse_square_root_lr import InverseSquareRootLR

__all__ = ['InverseSquareRootLR']
