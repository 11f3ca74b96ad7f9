"""Tests of products and lengths of short vectors."""

import numpy as np
import pytest

from mmfourdpsg.simulation.vectors import dot, length


def test_they_are_the_product_and_the_length():
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 3))
    assert dot(first, second) == pytest.approx(float(first @ second))
    assert length([3, 0, 4]) == 5.0


def test_they_add_in_the_order_of_places():
    # Any other order, and any product that is not rounded, ends with another last bit.
    first, second = (1e16, 1.0, -1e16), (1.0, 1.0, 1.0)
    assert dot(first, second) == 0.0
    assert dot((1e16, -1e16, 1.0), second) == 1.0
    one = 1 + 2.0**-30
    assert dot((-(1 + 2.0**-29), one), (1.0, one)) == 0.0


def test_vectors_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match='shorter'):
        dot((1.0, 2.0), (1.0,))
