"""Cache of the depth and mask decoders that the samples of a transform name."""

from typing import Any

from mmfourdpsg.registry import TASK_UTILS


class Decoders:
    """Builds each decoder once, for samples of one or of several data sets.

    Args:
        config: Config of the transform's own decoder; None takes the one that the
            pipeline's dictionary names.
        key: Where the dictionary names it.
    """

    def __init__(self, config: dict | None, key: str) -> None:
        self.key = key
        self._own = TASK_UTILS.build(config) if config else None
        self._built: dict[str, Any] = {}

    def __call__(self, results: dict) -> Any:
        """Return the decoder of a sample.

        Raises:
            ValueError: Neither the transform nor the data set names one.
        """
        if self._own is not None:
            return self._own
        config = results.get(self.key)
        if not config:
            raise ValueError(
                f'the data set names no {self.key}, expected one in the transform'
            )
        name = repr(config)
        if name not in self._built:
            self._built[name] = TASK_UTILS.build(config)
        return self._built[name]
