"""Make one simulated RGB-D recording, to look at with tools/infer.py.

python tools/make_recording.py --out outputs/recording
python tools/infer.py --rgb outputs/recording/rgb --depth outputs/recording/depth \
    --out outputs/recording/graph

Frames are PNGs in ``rgb``, depth is 16-bit PNGs in millimetres in ``depth``; the true
scene graph is in ``truth.json``. No video of Tabletop-4D has the same seed.
"""

import argparse
import os
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np

from mmfourdpsg.simulation.edition import CLUTTER, TABLETOP
from mmfourdpsg.simulation.recording import Recording
from mmfourdpsg.simulation.simulate import simulate_video
from mmfourdpsg.simulation.world import connect
from mmfourdpsg.structures import save_scene_graphs
from mmfourdpsg.utils import InputError, check_output_folder, exit_on_input_error

# Between the test videos of a world, from 1,000,000 on, and its unseen ones.
FIRST_SEED = 1_900_000


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', required=True, help='folder of the recording')
    parser.add_argument(
        '--seed', type=int, default=0, help='which recording, from 0 to 9999'
    )
    parser.add_argument(
        '--clutter',
        action='store_true',
        help='of the first edition of the world',
    )
    return parser.parse_args()


def write(recording: Recording, folder: Path) -> None:
    """Write a recording whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix='.recording-', dir=folder.parent))
    try:
        millimetres = np.rint(recording.depth * 1000).clip(0, 65535).astype(np.uint16)
        for name in ('rgb', 'depth'):
            (temporary / name).mkdir()
        for index, (rgb, depth) in enumerate(
            zip(recording.rgb, millimetres, strict=True)
        ):
            file = f'{index:06d}.png'
            cv2.imwrite(str(temporary / 'rgb' / file), rgb[..., ::-1])
            cv2.imwrite(str(temporary / 'depth' / file), depth)
        save_scene_graphs([recording.scene_graph], temporary / 'truth.json')
        temporary.chmod(0o755)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@exit_on_input_error
def main() -> None:
    """Make the recording."""
    args = parse_args()
    check_output_folder(args.out)
    folder = Path(args.out)
    if not 0 <= args.seed < 10_000:
        raise InputError(f'--seed is {args.seed}, expected a number from 0 to 9999')
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f'{folder}: is there already, expected a new folder')
    connect().disconnect()
    name = f'recording_{args.seed:04d}'
    recording = simulate_video(
        name, FIRST_SEED + args.seed, edition=CLUTTER if args.clutter else TABLETOP
    )
    write(recording, folder)
    graph = recording.scene_graph
    print(
        f'{folder}: {graph.num_frames} frames, {len(graph.objects)} objects, '
        f'{len(graph.relations)} relations'
    )


if __name__ == '__main__':
    main()
