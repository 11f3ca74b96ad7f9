"""The random generator of the random transforms: a sample's own or NumPy's."""

import numpy as np


def random_generator(results: dict) -> np.random.Generator:
    """Return the item's generator, or one seeded from NumPy's global state.

    The data set seeds an item's generator by (seed, epoch, index). Without one, the
    global state, which MMEngine seeds in each worker, makes it just as repeatable.

    Args:
        results: The pipeline's dictionary; its ``rng`` is used where it has one.
    """
    if 'rng' not in results:
        results['rng'] = np.random.default_rng(np.random.randint(2**31 - 1))
    return results['rng']
