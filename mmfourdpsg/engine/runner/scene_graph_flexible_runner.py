"""MMEngine's flexible runner, for trainings with a strategy."""

from mmengine.config import Config
from mmengine.runner import FlexibleRunner

from mmfourdpsg.registry import RUNNERS

from ..hooks import LabelNamesHook, ModelCostHook, WeightFilesHook
from .told_building import ToldBuilding


@RUNNERS.register_module()
class SceneGraphFlexibleRunner(ToldBuilding, FlexibleRunner):
    """Takes the configs of :class:`SceneGraphRunner` that have a ``strategy``.

    A plain checkpoint to begin with is the strategy's to load, before it partitions
    the model.
    """

    @classmethod
    def from_cfg(cls, cfg: Config) -> 'SceneGraphFlexibleRunner':
        """Build the runner of a config."""
        cfg = Config(cfg.to_dict() if isinstance(cfg, Config) else dict(cfg))
        if cfg.get('load_from') and not cfg.get('resume'):
            cfg.strategy.initial_checkpoint = cfg.load_from
            cfg.load_from = None
        return super().from_cfg(cfg)

    def register_hooks(self, *args, **kwargs) -> None:
        """Register the configured hooks, and what every checkpoint needs."""
        super().register_hooks(*args, **kwargs)
        self.register_hook(LabelNamesHook())
        self.register_hook(WeightFilesHook())
        self.register_hook(ModelCostHook())
