"""Look-up of the mini config on simulated data that matches a full recipe."""

import re
from pathlib import Path

from mmfourdpsg.utils.config_paths import CHECKOUT

FOLDER = CHECKOUT / 'configs/4dllm/tabletop'


def simulated_twin(config: str | Path) -> Path | None:
    """Return the Tabletop-4D config of the same step, else that of step 1.

    Of ``step3_psg4d-gta_wo_step2.py`` it is ``tabletop/step3_wo_step2.py``, the one
    that has the most words of its name and no others.

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
    twins = [path for path in sorted(FOLDER.glob('*.py')) if _words(path) <= words]
    twins.sort(key=lambda path: -len(_words(path)))
    first = FOLDER / 'step1.py'
    return [*twins, *([first] if first.is_file() else []), None][0]


def _words(path: str | Path) -> set[str]:
    return set(re.split(r'_', Path(path).stem))
