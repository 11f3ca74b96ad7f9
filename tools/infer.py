"""Find the scene graph of a recording: python tools/infer.py --rgb DIR --out DIR."""

import argparse
from pathlib import Path

from mmfourdpsg.apis import Recording, SceneGraphInferencer, check_request
from mmfourdpsg.apis.scene_graph_inferencer import RESULTS
from mmfourdpsg.datasets.frame_readers import TIME_TOLERANCE
from mmfourdpsg.utils import InputError, exit_on_input_error
from mmfourdpsg.visualization import LeastScores

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
        help='directory of depth maps, one an RGB frame with the same number in its '
        'name: 16-bit or float images, or .npy or .npz files; without it the depth '
        'branch is not used',
    )
    parser.add_argument(
        '--depth-scale',
        type=float,
        help='stored units a metre, whatever the kind of file (default: 1000, '
        'millimetres, for whole numbers, and 1 for floats)',
    )
    parser.add_argument(
        '--time-tolerance',
        type=float,
        default=TIME_TOLERANCE,
        help='seconds by which RGB and depth files that are named by times may differ '
        '(default: %(default)s)',
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
        '--seed', type=int, default=0, help='seed of answers that are sampled'
    )
    parser.add_argument(
        '--score-threshold',
        type=float,
        nargs='+',
        metavar='SCORE',
        help='least score of what overlay and page show at first, for objects and '
        "relations or one for each (default: the config's); graph.json has everything",
    )
    parser.add_argument('--out', required=True, help='folder for the results')
    parser.add_argument(
        '--device', help='such as cpu or cuda:1 (default: the GPU where there is one)'
    )
    return parser.parse_args()


def read_least_scores(values: list[float] | None) -> LeastScores | None:
    """Return what the command line asks to show; None where it does not.

    Raises:
        InputError: There are more than two numbers.
    """
    if values is None:
        return None
    if len(values) > 2:
        raise InputError(f'--score-threshold {values}: expected one number or two')
    return LeastScores(values[0], values[-1])


@exit_on_input_error
def main() -> None:
    """Infer."""
    args = parse_args()
    least_scores = read_least_scores(args.score_threshold)
    check_request(args.out, args.seed, least_scores)
    inferencer = SceneGraphInferencer(
        args.config, args.checkpoint, args.device, args.untrained, build=False
    )
    recording = Recording(
        args.rgb, args.depth, args.depth_scale, args.fps, args.time_tolerance
    )
    recording.tell()
    with_what = inferencer.checkpoint or 'an untrained model'
    print(
        f'{args.rgb}: looking for its scene graph with {with_what} '
        f'({inferencer.device})',
        flush=True,
    )
    graph = inferencer.infer(recording, args.out, args.seed, least_scores)
    shown = (least_scores or inferencer.least_scores).select(graph)
    print(
        f'{len(graph.objects)} objects and {len(graph.relations)} relations in '
        f'{graph.num_frames} frames, of which {len(shown.objects)} and '
        f'{len(shown.relations)} are sure enough to be shown'
    )
    for name in RESULTS:
        print(f'  {Path(args.out) / name}')


if __name__ == '__main__':
    main()
