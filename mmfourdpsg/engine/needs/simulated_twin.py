"""Look-up of the mini config on simulated data that matches a full recipe."""

import re
from pathlib import Path

from mmfourdpsg.utils.config_paths import CHECKOUT

CONFIGS = CHECKOUT / 'configs'
ALGORITHM = '4dllm'
# What follows no other, of one algorithm or another.
FIRST = ('step1.py', 'segmentation.py')


def simulated_twin(config: str | Path) -> Path | None:
    """Return the Tabletop-4D config of the same step, else the one to begin with.

    Of ``step3_psg4d-gta_wo_step2.py`` it is ``tabletop/step3_wo_step2.py``, the one
    that has the most words of its name and no others, in the folder of its algorithm.

    Args:
        config: The config's file.

    Returns:
        The file; None for one that reads simulated data itself, or where there are no
        configs beside this package.
    """
    *_, below = str(Path(config).resolve()).rpartition('configs')
    if 'tabletop' in Path(below).parts:
        return None
    words = _words(config)
    folder = CONFIGS.joinpath(*Path(below).parts[1:2], 'tabletop')
    if not folder.is_dir():
        folder = CONFIGS / ALGORITHM / 'tabletop'
    twins = [path for path in sorted(folder.glob('*.py')) if _words(path) <= words]
    twins.sort(key=lambda path: -len(_words(path)))
    return twins[0] if twins else first_config(folder)


def first_config(folder: Path) -> Path | None:
    """Return the Tabletop-4D config of an algorithm that follows no other.

    Args:
        folder: The algorithm's folder of such configs.
    """
    paths = [folder / name for name in FIRST if (folder / name).is_file()]
    return paths[0] if paths else None


def _words(path: str | Path) -> set[str]:
    return set(re.split(r'_', Path(path).stem))
