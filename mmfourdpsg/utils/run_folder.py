"""Files of a training's work folder: its last checkpoint."""

from pathlib import Path

from .input_error import InputError

POINTER = 'last_checkpoint'


def last_checkpoint(folder: str | Path) -> Path | None:
    """Return the last checkpoint of a training, also after its folder was moved.

    MMEngine notes its absolute path in ``last_checkpoint``. The file of that name
    beside the note comes first: a folder that was moved or copied is on its own,
    whatever became of the old place.

    Args:
        folder: The work folder.

    Returns:
        The checkpoint, a file or DeepSpeed's folder; None where none is noted.

    Raises:
        InputError: The note cannot be read, or what it names is nowhere.
    """
    pointer = Path(folder) / POINTER
    if not pointer.exists():
        return None
    try:
        named = pointer.read_text(encoding='utf-8').strip()
    except (OSError, UnicodeDecodeError):
        raise InputError(
            f'{pointer}: cannot be read, expected a path of a checkpoint'
        ) from None
    if not named:
        raise InputError(f'{pointer}: is empty, expected a path of a checkpoint')
    for path in (pointer.parent / Path(named).name, Path(named)):
        if path.exists():
            return path
    raise InputError(
        f'{pointer}: names {named:.300}, which is neither there nor beside it'
    )
