"""Conversion of stored depth to metres, and the check of its scale."""

import numpy as np

from mmfourdpsg.utils import InputError

UNITS_PER_METRE = dict(whole=1000.0, floats=1.0)
"""What is taken where no scale is given: whole numbers are mm, floats are metres."""


def to_metres(stored: np.ndarray, scale: float | None = None) -> np.ndarray:
    """Convert stored depth.

    Args:
        stored: Whole numbers or floats ``[H, W]``; what is not finite and positive is
            unknown.
        scale: Stored units a metre, whatever the type: 1000 for millimetres. None
            takes :data:`UNITS_PER_METRE`.

    Returns:
        float32 ``[H, W]`` in metres, 0 = unknown.
    """
    if scale is None:
        scale = UNITS_PER_METRE['floats' if stored.dtype.kind == 'f' else 'whole']
    with np.errstate(over='ignore'):
        # Before the division: a signed cast would turn far pixels negative.
        metres = stored.astype(np.float32) / np.float32(scale)
    if stored.dtype.kind == 'u':
        return metres
    return np.where(np.isfinite(metres) & (metres > 0), metres, np.float32(0))


def check_depth_scale(scale: float | None) -> None:
    """Make sure that a scale is one.

    Raises:
        InputError: It is not a positive number.
    """
    if scale is not None and not 1e-6 <= scale <= 1e9:
        raise InputError(
            f'depth scale {scale}: expected a positive number of stored units a metre, '
            'such as 1000 for millimetres'
        )
