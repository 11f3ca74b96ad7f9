"""Path of the file of one frame of a video."""

from pathlib import Path


def frame_file(
    results: dict, kind: str, frame: int, pattern: str, start: int = 0
) -> Path:
    """Return the file of a frame.

    Args:
        results: The pipeline's dictionary, with ``<kind>_path``, and ``<kind>_names``
            where the files are not simply numbered.
        kind: ``depth`` or ``mask``.
        frame: Index of the frame.
        pattern: Name of a numbered file; ``{:06d}`` stands for its number.
        start: Number of the first.
    """
    names = results.get(f'{kind}_names')
    name = pattern.format(frame + start) if names is None else names[frame]
    return Path(results[f'{kind}_path']) / name
