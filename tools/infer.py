"""Find the scene graph of a recording: python tools/infer.py --rgb DIR --out DIR."""

import argparse
from pathlib import Path

from mmfourdpsg.apis import SceneGraphInferencer
from mmfourdpsg.utils import exit_on_input_error

DEFAULT_CONFIG = Path(__file__).resolve().parents[1] / 'configs/4dllm/tabletop/step1.py'


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        description='Find the 4D panoptic scene graph of a recording. Writes '
        'graph.json, overlay.mp4 and viewer.html, a page for any browser.'
    )
    parser.add_argument(
        '--rgb', required=True, help='directory of images, or a video file'
    )
    parser.add_argument(
        '--depth',
        help='directory of depth maps, one an RGB frame: 16-bit images, or .npy files '
        'in metres; without it the depth branch is not used',
    )
    parser.add_argument(
        '--depth-scale',
        type=float,
        default=1000.0,
        help='stored units a metre in depth images (default: 1000, millimetres)',
    )
    parser.add_argument(
        '--fps', type=float, help="frames a second (default: the video's own, or 8)"
    )
    parser.add_argument(
        '--config', default=DEFAULT_CONFIG, help='config file (default: %(default)s)'
    )
    parser.add_argument(
        '--checkpoint',
        help="checkpoint file (default: the last one in the config's work_dir, else "
        'the one that comes with the config)',
    )
    parser.add_argument(
        '--untrained',
        action='store_true',
        help='load no checkpoint: random weights, to try the tool out',
    )
    parser.add_argument(
        '--seed', type=int, default=0, help='seed of answers that are drawn'
    )
    parser.add_argument('--out', required=True, help='folder for the results')
    parser.add_argument(
        '--device', help='such as cpu or cuda:1 (default: the GPU where there is one)'
    )
    return parser.parse_args()


@exit_on_input_error
def main() -> None:
    """Infer."""
    args = parse_args()
    inferencer = SceneGraphInferencer(
        args.config, args.checkpoint, args.device, args.untrained
    )
    with_what = inferencer.checkpoint or 'an untrained model'
    print(
        f'{args.rgb}: looking for its scene graph with {with_what} '
        f'({inferencer.device})',
        flush=True,
    )
    graph = inferencer(
        args.rgb, args.depth, args.out, args.depth_scale, args.fps, args.seed
    )
    print(
        f'{len(graph.objects)} objects and {len(graph.relations)} relations in '
        f'{graph.num_frames} frames'
    )
    for name in ('graph.json', 'overlay.mp4', 'viewer.html'):
        print(f'  {Path(args.out) / name}')


if __name__ == '__main__':
    main()
