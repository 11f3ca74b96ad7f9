"""Data set wrapper that concatenates others and unites their names."""

from collections.abc import Sequence
from typing import Any

from mmengine.dataset import ConcatDataset

from mmfourdpsg.registry import DATASETS

NAMES = ('thing_classes', 'stuff_classes', 'predicates')


@DATASETS.register_module()
class SceneGraphConcatDataset(ConcatDataset):
    """MMEngine's ``ConcatDataset``, with the names of all data sets.

    Its own meta information is that of the first one, with which a closed classifier
    could not tell what the others show. Names are in the order in which they come; what
    is stuff in one data set is so in all, since some, as Visual Genome, do not tell.

    Args:
        datasets: The data sets or their configs.
        lazy_init: Whether annotations are read later, by ``full_init``.
        ignore_keys: Meta information that may differ, besides names.

    Raises:
        TypeError: One of ``datasets`` is neither a data set nor a config.
        ValueError: Meta information that may not differ does so, or one lacks it.
    """

    def __init__(
        self,
        datasets: Sequence[Any],
        lazy_init: bool = False,
        ignore_keys: Sequence[str] = (),
    ) -> None:
        super().__init__(datasets, lazy_init, [*ignore_keys, *NAMES])

    @property
    def metainfo(self) -> dict:
        """Meta information of the first data set, with the names of all."""
        found = [dataset.metainfo for dataset in self.datasets]
        united = {
            key: list(dict.fromkeys(name for row in found for name in row[key]))
            for key in NAMES
        }
        stuff = set(united['stuff_classes'])
        united['thing_classes'] = [
            name for name in united['thing_classes'] if name not in stuff
        ]
        return {**super().metainfo, **united}
