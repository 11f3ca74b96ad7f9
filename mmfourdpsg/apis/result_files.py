"""Files that a recording's scene graph is written to, and the folders of several."""

from collections.abc import Sequence
from pathlib import Path

from mmfourdpsg.structures import SceneGraph, save_scene_graphs
from mmfourdpsg.utils import InputError, check_output_folder
from mmfourdpsg.visualization import LeastScores, write_overlay_video, write_viewer

from .recording import Recording

RESULTS = ('graph.json', 'overlay.mp4', 'viewer.html')
"""Names of the files that a recording's scene graph is written to."""
_LONGEST_NAME = 100
"""Characters of a folder's name; file systems take 255 bytes."""


def check_request(
    out_dir: str | Path | None, seed: int, least_scores: LeastScores | None = None
) -> None:
    """Make sure that an answer can be drawn and written, before any work.

    Args:
        out_dir: Folder for the results; None where nothing is written.
        seed: Seed of the answer.
        least_scores: What is shown of it; None leaves that to the config.

    Raises:
        InputError: It cannot.
    """
    if not -(2**63) <= seed < 2**64:
        raise InputError(f'seed {seed}: expected a whole number of 64 bits')
    if least_scores is not None and not all(0 <= least <= 1 for least in least_scores):
        raise InputError(
            f'least scores {list(least_scores)}: expected numbers from 0 to 1'
        )
    if out_dir is not None:
        check_output_folder(out_dir, RESULTS)


def write_results(
    graph: SceneGraph,
    recording: Recording,
    out_dir: str | Path,
    least_scores: LeastScores,
) -> None:
    """Write the files of :data:`RESULTS`, each whole or not at all.

    Args:
        graph: The recording's scene graph.
        recording: The recording.
        out_dir: Folder for them.
        least_scores: What overlay and page show at first.

    Raises:
        InputError: They cannot be written.
    """
    graph_file, overlay, viewer = (Path(out_dir) / name for name in RESULTS)
    save_scene_graphs([graph], graph_file)
    shown = recording.frames, recording.fps
    write_overlay_video(overlay, graph, *shown, least_scores)
    write_viewer(viewer, graph, *shown, least_scores=least_scores)


def folder_names(recordings: Sequence[Recording]) -> list[str]:
    """Return a name for each recording's folder, no two alike.

    It is that of the recording. Where several have the same, as folders that are all
    called ``rgb`` do, names of the folders above go before it, ``kitchen_rgb``, and
    where that does not help a number comes after it. Names that differ by case alone
    are alike, since some file systems take them so.

    Args:
        recordings: The recordings.
    """
    parts = [_parts(recording) for recording in recordings]
    keys = [tuple(part.casefold() for part in row) for row in parts]
    names = []
    for row, key in zip(parts, keys, strict=True):
        others = [other for other in set(keys) if other != key]
        count = 1
        while count < len(row) and any(o[-count:] == key[-count:] for o in others):
            count += 1
        names.append('_'.join(row[-count:]))
    taken: set[str] = set()
    for index, name in enumerate(names):
        name = name[-_LONGEST_NAME:].lstrip('. ') or 'recording'
        number, distinct = 1, name
        while distinct.casefold() in taken:
            number += 1
            distinct = f'{name}_{number}'
        taken.add(distinct.casefold())
        names[index] = distinct
    return names


def _parts(recording: Recording) -> list[str]:
    """Return the names of the folders above a recording, and its own."""
    above = Path(recording.rgb_path).resolve().parent.parts[1:]
    readable = [part.encode(errors='replace').decode() for part in above]
    return [*readable, recording.video_id]
