"""Mixin of the runners: errors of building name the setting that is wrong."""

from typing import Any

from ..told_settings import told_settings


class ToldBuilding:
    """Has a runner's loops built under :func:`told_settings`.

    Runners build them when they begin, with their data sets, transforms and metrics.
    """

    def build_train_loop(self, *args: Any, **kwargs: Any) -> Any:
        """Build the loop of training and its data."""
        with told_settings(self.cfg):
            return super().build_train_loop(*args, **kwargs)

    def build_val_loop(self, *args: Any, **kwargs: Any) -> Any:
        """Build the loop of validation, its data and metrics."""
        with told_settings(self.cfg):
            return super().build_val_loop(*args, **kwargs)

    def build_test_loop(self, *args: Any, **kwargs: Any) -> Any:
        """Build the loop of the test, its data and metrics."""
        with told_settings(self.cfg):
            return super().build_test_loop(*args, **kwargs)
