"""The registries in which this package's components live: MMDetection's own.

MMDetection's registries import ``mmdet.models``, ``mmdet.datasets`` and so on at the
first look-up, and those need mmcv's compiled operators. With ``mmcv-lite``, where
the operators are missing, nothing in them could be used anyway; the registries are
then marked as filled, so that a look-up finds this package's and MMEngine's
components instead of failing.
"""

from importlib.util import find_spec

from mmdet.registry import (
    DATA_SAMPLERS,
    DATASETS,
    EVALUATOR,
    HOOKS,
    LOG_PROCESSORS,
    LOOPS,
    METRICS,
    MODEL_WRAPPERS,
    MODELS,
    OPTIM_WRAPPER_CONSTRUCTORS,
    OPTIM_WRAPPERS,
    OPTIMIZERS,
    PARAM_SCHEDULERS,
    RUNNER_CONSTRUCTORS,
    RUNNERS,
    TASK_UTILS,
    TRANSFORMS,
    VISBACKENDS,
    VISUALIZERS,
    WEIGHT_INITIALIZERS,
)
from mmengine.registry import STRATEGIES

__all__ = [
    'DATASETS',
    'DATA_SAMPLERS',
    'EVALUATOR',
    'HOOKS',
    'LOG_PROCESSORS',
    'LOOPS',
    'METRICS',
    'MODELS',
    'MODEL_WRAPPERS',
    'OPTIMIZERS',
    'OPTIM_WRAPPERS',
    'OPTIM_WRAPPER_CONSTRUCTORS',
    'PARAM_SCHEDULERS',
    'RUNNERS',
    'RUNNER_CONSTRUCTORS',
    'STRATEGIES',
    'TASK_UTILS',
    'TRANSFORMS',
    'VISBACKENDS',
    'VISUALIZERS',
    'WEIGHT_INITIALIZERS',
    'has_compiled_operators',
]


def has_compiled_operators() -> bool:
    """Return whether mmcv with its compiled operators is installed."""
    try:
        return find_spec('mmcv._ext') is not None
    except ImportError:
        return False


if not has_compiled_operators():
    for _name in __all__[:-1]:
        # MMEngine offers no public switch for this.
        globals()[_name]._imported = True
